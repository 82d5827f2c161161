"""Tests that docstrings and comments name are there, and no two of one name."""

import collections
import re

from lib.paths import ROOT

NAMED = re.compile(r"tests/[\w/.-]*\w(?:::\w+)?")


def test_every_named_test_is_there():
    missing = []
    for folder in ("lib", "extensions", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for named in sorted(set(NAMED.findall(path.read_text()))):
                file, _, function = named.partition("::")
                there = ROOT / file
                if not there.exists() or (function and f"def {function}(" not in there.read_text()):
                    missing.append(f"{path.relative_to(ROOT)}: {named}")
    assert missing == []


def test_no_two_test_files_share_a_name():
    """pytest imports a test by its file's name alone: of two, the second is not run."""
    names = collections.Counter(path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py")
    assert [name for name, number in names.items() if number > 1] == []
