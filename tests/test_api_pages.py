"""The pages of functions list every public module of lib exactly once, and none that is not there."""

import re
from collections import Counter

from lib.paths import ROOT


def test_every_module_is_listed_once():
    listed = Counter()
    for page in (ROOT / "book" / "api").glob("*.md"):
        listed.update(re.findall(r"^\.\. automodule:: (\S+)$", page.read_text(), re.M))
    paths = [
        path.relative_to(ROOT).with_suffix("")
        for path in (ROOT / "lib").rglob("*.py")
        if "def " in path.read_text() and (path.stem == "__init__" or not path.stem.startswith("_"))
    ]
    modules = {".".join(path.parts).removesuffix(".__init__") for path in paths}
    assert set(listed) == modules
    assert set(listed.values()) == {1}


def test_every_page_is_in_the_table_of_contents():
    contents = (ROOT / "_toc.yml").read_text()
    for page in (ROOT / "book" / "api").glob("*.md"):
        assert f"book/api/{page.stem}" in contents
