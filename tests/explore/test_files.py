"""lib.explore.files: a page gets what its functions import, all of it and nothing else."""

import json
import shutil
import subprocess
import sys

import pytest
from explore_figures import transition

from lib.explore import files
from lib.paths import ROOT


def test_a_figure_names_the_files_of_its_functions():
    assert transition().settings["files"] == [
        "lib/explore/axes.py",
        "lib/explore/curves.py",
        "lib/explore/sliders.py",
        "lib/theory/beyond_collapse/breakdown.py",
        "lib/theory/checks.py",
        "lib/theory/lazy_walk.py",
    ]


def modules_of(path):
    return path.removesuffix(".py").replace("/", ".")


@pytest.mark.parametrize("path", [path for path in files.shipped() if "theory" in path])
def test_the_files_are_what_python_loads(path, tmp_path):
    """Imported alone, without a package's __init__, each module finds all it needs there, and loads all of it."""
    module = modules_of(path)
    needed = files.needed([f"{module.removeprefix('lib.theory.')}.function"])
    for each in needed:
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / each, tmp_path / each)
    program = f"import json, sys\nimport lib.explore.sliders, {module}\nprint(json.dumps(list(sys.modules)))"
    command = [sys.executable, "-S", "-c", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, env={})
    loaded = {name for name in json.loads(done.stdout) if name.startswith("lib.")}
    assert {modules_of(each) for each in needed} <= loaded
    packages = {"lib.explore", "lib.theory"} | {name.rpartition(".")[0] for name in loaded}
    assert loaded - packages == {modules_of(each) for each in needed} - packages


def test_packages_of_the_page_hold_no_code():
    """A page has no __init__.py, so nothing may stand there."""
    for path in (ROOT / "lib/theory").rglob("__init__.py"):
        assert compile(path.read_text(), path, "exec").co_names in ((), ("__doc__",))


def test_every_needed_file_is_shipped():
    assert set(files.needed(["random_matrices.ridge.ridge", "usable_information.v_entropy"])) <= set(files.shipped())
    assert not [path for path in files.shipped() if path.endswith("__init__.py") or not (ROOT / path).is_file()]


def test_an_unknown_module_is_refused():
    with pytest.raises(ValueError, match=r"'lib.theory.nowhere' is no file of this book"):
        files.needed(["nowhere.cdf"])
