"""lib.rerun on small notebooks of its own: what the terminal says, in success and in failure; two runs at once."""

import os
import subprocess
import sys

import nbformat
import pytest

from lib import parameters, rerun
from lib.paths import ROOT
from lib.runs import notebooks

NAME = "chapter/01-small"


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A book of one notebook; returns a function that sets its code cell."""
    monkeypatch.setattr(notebooks, "ROOT", tmp_path)
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(parameters, "profile", lambda notebook, name: {} if name == "laptop" else {"profile": name})
    (tmp_path / "book" / "chapter").mkdir(parents=True)

    def write(code: str) -> None:
        cells = [nbformat.v4.new_code_cell('profile = "laptop"\nn = 1', metadata={"tags": ["parameters"]})]
        cells.append(nbformat.v4.new_code_cell(code))
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "book" / f"{NAME}.ipynb")

    return write


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ('raise ValueError("n = 1 is outside [2, 3]")', "n = 1 is outside [2, 3]"),
        ("{}['a']", "KeyError: 'a'\nThe failing cell is In [2] of runs/laptop/chapter/01-small/executed.ipynb"),
        ("assert n > 1", "AssertionError\nThe failing cell is In [2] of runs/laptop/chapter/01-small/executed.ipynb"),
    ],
)
def test_a_failure_is_a_sentence(book, tmp_path, monkeypatch, capfd, code, words):
    book(code)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        rerun.main([NAME])
    assert str(caught.value.code).startswith(words)  # sys.exit with a text prints it and ends with status 1
    assert "Traceback" not in str(caught.value.code)
    assert "Traceback" not in "".join(capfd.readouterr())
    executed = nbformat.read(tmp_path / "runs/laptop" / NAME / "executed.ipynb", as_version=4)
    assert any(output.output_type == "error" for cell in executed.cells for output in cell.get("outputs", []))


def test_a_kernel_that_is_killed_is_a_sentence(book):
    book("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(SystemExit, match=r"^the notebook's process was killed, perhaps for lack of memory"):
        rerun.main([NAME])


def test_the_command_line_ends_with_status_one_and_one_sentence(tmp_path):
    """The book's own command, on a parameter out of range: one sentence, no traceback."""
    command = [sys.executable, "-m", "lib.rerun", "reverse-bottleneck/03-generalization-gain", "-p", "worlds", "-5"]
    done = subprocess.run(command, env=os.environ | {"BOOK_RUNS": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "worlds = -5 is outside [100, 1000000]"
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_two_runs_at_once_write_to_files_of_their_own(book, tmp_path, monkeypatch):
    """The first run's file stands under another name while the second one, of another process, ends."""
    folder = tmp_path / "runs/laptop" / NAME
    book(f"import pathlib\nfound = sorted(p.name for p in pathlib.Path({str(folder)!r}).glob('*.ipynb'))\nfound")
    assert rerun.run(NAME, "laptop") == folder / "executed.ipynb"
    monkeypatch.setattr(os, "getpid", lambda: 4711)
    rerun.run(NAME, "laptop")
    executed = nbformat.read(folder / "executed.ipynb", as_version=4)
    assert executed.cells[-1].outputs[0].data["text/plain"] == "['executed-4711.ipynb', 'executed.ipynb']"
    assert [path.name for path in folder.glob("*.ipynb")] == ["executed.ipynb"]


def test_a_run_removes_what_a_killed_one_left(book, tmp_path):
    """The copy of a process that is gone, not that of one that is alive."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    book("n")
    folder = rerun.run(NAME, "laptop").parent
    for process in (gone.pid, os.getppid()):
        (folder / f"executed-{process}.ipynb").write_text("half")
    rerun.run(NAME, "laptop")
    assert {path.name for path in folder.glob("*.ipynb")} == {"executed.ipynb", f"executed-{os.getppid()}.ipynb"}


def test_two_runs_at_once_with_other_parameters_have_folders_of_their_own(book, tmp_path):
    """Each reports its own copy, and neither touches that of the profile's own parameters."""
    book("n")
    copies = [rerun.run(NAME, "laptop", changes={"n": n}) for n in (2, 3)]
    copies.append(rerun.run(NAME, "laptop"))
    assert len(set(copies)) == 3
    assert copies[-1] == tmp_path / "runs/laptop" / NAME / "executed.ipynb"
    shown = [nbformat.read(path, as_version=4).cells[-1].outputs[0].data["text/plain"] for path in copies]
    assert shown == ["2", "3", "1"]


def test_a_run_ends_with_its_verdicts_and_its_place(book, tmp_path, monkeypatch, capfd):
    """The last lines of a terminal: claims, verdicts, where the copy stands; and no kernel's warning above them."""
    monkeypatch.chdir(tmp_path)
    rows = {
        "chapter/one": {"verdict": "reproduced", "measured": {"t": [1.0, 0.0]}},
        "chapter/three": {"verdict": "undecided", "measured": {"t": None}},
    }
    rows["chapter/one"]["record"] = {"verdict": "not reproduced", "measured": {"t": [1.0, 0.0]}}
    content = {"notebook": NAME, "profile": "laptop", "seconds": 1, "provenance": {"cores": 2}, "claims": rows}
    path = tmp_path / "runs/laptop" / NAME / "ledger.json"
    book(f"from lib.runs.files import write_json\nimport pathlib\nwrite_json(pathlib.Path({str(path)!r}), {content!r})")
    rerun.main([NAME])
    out, err = capfd.readouterr()
    assert out.splitlines() == [
        "chapter/one    reproduced",
        "chapter/one    not reproduced (record at the paper's size)",
        "chapter/three  undecided (t: not measured at this size)",
        "executed copy: runs/laptop/chapter/01-small/executed.ipynb",
    ]
    assert err == ""


@pytest.mark.parametrize(
    ("words", "profile", "changes"),
    [
        ([], "laptop", {}),
        (["-p", "profile", "laptop"], "laptop", {"profile": "laptop"}),
        (["-p", "profile", "paper"], "paper", {"profile": "paper"}),
        (["--profile", "paper", "-p", "profile", "paper"], "paper", {"profile": "paper"}),
        (["-p", "n", "-1e-3"], "laptop", {"n": -1e-3}),
        (["-p", "n", "-3", "--workers", "2"], "laptop", {"n": -3}),
    ],
)
def test_what_the_command_line_means(book, tmp_path, monkeypatch, words, profile, changes):
    book("")
    asked = []
    monkeypatch.setattr(rerun, "run", lambda *given, **named: asked.append((given, named["changes"])) or tmp_path / "x")
    rerun.main([*words, NAME])
    rerun.main([NAME, *words])
    assert asked == [((NAME, profile), changes)] * 2


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            [NAME, "--profile", "paper", "-p", "profile", "laptop"],
            r"^profile = 'laptop' and profile = 'paper' are given; allowed",
        ),
        ([NAME, "--profile", "big"], r"^profile = 'big' is not one of 'smoke', 'laptop', 'reduced', 'paper'"),
        ([NAME, "--profile", "../.."], r"^profile = '\.\./\.\.' is not one of"),
        ([NAME, "-p", "n", "1", "-p", "n", "2"], r"^n: given more than once; allowed: once"),
        ([NAME, "-p", "m", "1"], r"^parameter = 'm' is not one of profile, n"),
        ([NAME, "--workers", "many"], r"^BOOK_WORKERS = 'many' is neither"),
        (["../../../escape"], r"^notebook = '\.\./\.\./\.\./escape' is not one of chapter/01-small"),
        ([], r"^notebook = '' is not one of chapter/01-small"),
        (["--record"], r"^notebook = '' is not one of"),
        (["--parts", NAME], r"^no run of chapter/01-small with profile 'laptop' and these parameters has begun"),
    ],
)
def test_a_wrong_command_line_is_a_sentence(book, tmp_path, monkeypatch, words, complaint):
    book("")
    profile = parameters.Profile().check
    monkeypatch.setattr(parameters, "profile", lambda notebook, name: {"profile": profile("profile", name)})
    with pytest.raises(SystemExit, match=complaint):
        rerun.main(words)
    assert not list((tmp_path / "runs").rglob("*.ipynb"))


@pytest.mark.parametrize("act", ["--record", "--ledger"])
@pytest.mark.parametrize("words", [["-p", "n", "3"], ["--profile", "smoke"], ["--workers", "2"]])
def test_what_promotion_does_not_take(book, capsys, act, words):
    """It copies runs of their own parameters, so others that are given and ignored would be a surprise."""
    with pytest.raises(SystemExit):
        rerun.main([NAME, act, *words])
    assert f"parameters; it takes no {words[0]}" in capsys.readouterr().err


def test_stopped_by_hand(book, monkeypatch):
    monkeypatch.setattr(rerun, "run", lambda *given, **named: (_ for _ in ()).throw(KeyboardInterrupt))
    book("")
    with pytest.raises(SystemExit, match=r"^stopped; parts that are finished are kept"):
        rerun.main([NAME])


def test_a_relative_runs_folder_is_one_place(book, tmp_path, monkeypatch):
    """The command and the kernel, which works in the notebook's folder, write below the same folder."""
    book("from lib.paths import runs_folder\nprint(runs_folder())")
    place = os.path.relpath(tmp_path / "relative", ROOT)
    monkeypatch.setenv("BOOK_RUNS", place)
    copy = rerun.run(NAME, "laptop")
    assert copy == tmp_path / "relative/laptop" / NAME / "executed.ipynb"
    assert nbformat.read(copy, as_version=4).cells[-1].outputs[0].text.strip() == str(tmp_path / "relative")
    assert not list((tmp_path / "book").rglob("*laptop*"))


def test_a_runs_folder_that_is_a_file(book, tmp_path, capfd):
    book("")
    (tmp_path / "runs").write_text("no folder")
    before = dict(os.environ)
    with pytest.raises(
        SystemExit, match=r"^the runs folder .*/runs takes no file \(it is a file\): .* point BOOK_RUNS at"
    ):
        rerun.main([NAME])
    assert dict(os.environ) == before
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.fixture
def disk(tmp_path):
    """A disk of 64 kB of its own where the runs folder is; returns its folder."""
    place = tmp_path / "runs"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if subprocess.run(words, capture_output=True).returncode != 0:
        pytest.skip("needs the right to mount a small disk, as root has")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_what_the_kernel_s_loop_says_at_its_end_is_not_shown(book):
    """It may be closed in the middle of an answer, which its loop logs with a traceback. A reader's own log is as it was."""
    book(
        "import logging\n[logging.getLogger(name).isEnabledFor(logging.ERROR) for name in ('tornado.general', 'mine')]"
    )
    executed = nbformat.read(rerun.run(NAME, "laptop"), as_version=4)
    assert executed.cells[-1].outputs[0].data["text/plain"] == "[False, True]"


@pytest.mark.parametrize(
    "code",
    [
        "print('x' * 1_000_000)",  # the copy does not fit
        "from lib.runs.files import write_json\nfrom lib.paths import runs_folder\n"
        "write_json(runs_folder() / 'record.json', 'x' * 1_000_000)",  # the record does not
    ],
)
def test_a_disk_that_is_full(book, disk, code, capfd):
    """One sentence; the copy of an earlier run stays, and no half one is left."""
    book("n")
    copy = rerun.run(NAME, "laptop")
    before = copy.read_bytes()
    book(code)
    with pytest.raises(
        SystemExit, match=r"^the runs folder .* takes no file \(No space left on device\): free space there, or"
    ):
        rerun.main([NAME])
    assert "Traceback" not in "".join(capfd.readouterr())
    assert [path.name for path in copy.parent.glob("*.ipynb")] == ["executed.ipynb"]
    nbformat.validate(nbformat.read(copy, as_version=4))
    if "print" in code:
        assert copy.read_bytes() == before


def test_a_read_only_disk(book, disk, capfd):
    book("")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(SystemExit, match=r"^the runs folder .* takes no file \(Read-only file system\): "):
        rerun.main([NAME])
    assert "Traceback" not in "".join(capfd.readouterr())
