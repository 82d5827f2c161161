"""The Makefile's command line: parameters outside SET are refused in one line, and what is meant to pass does."""

import os
import subprocess

import pytest

from lib.paths import ROOT

NOTEBOOK = "NOTEBOOK=beyond-collapse/01-phase-transition"


def make(*words):
    """What a reader's make would do, without doing it: one that knows nothing of the make that runs these tests."""
    own = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(["make", "-n", *words], cwd=ROOT, env=own, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["-p", "mu_norm", "0.4"], "mu_norm 0.4 -p"),
        (["mu_norm", "0.4"], "mu_norm 0.4"),
        (["mu_norm=0.4", "seed=3"], "seed="),
        (["WORKER=2"], "WORKER="),
        (["PARAMS=-p seed 3"], "PARAMS="),
        (["Profile=paper"], "Profile="),
    ],
)
@pytest.mark.parametrize("goal", ["run", "parts"])
def test_forgotten_set(goal, words, shown):
    """Without SET, make would take the words for its own and run the notebook with its own parameters."""
    done = make(goal, NOTEBOOK, *words)
    assert done.returncode != 0
    assert len(done.stdout.splitlines()) == 1
    assert shown in done.stdout
    assert "parameters of a notebook go into SET, such as" in done.stdout
    assert "lib.rerun" not in done.stdout


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (
            ["run", 'SET=-p mu_norm 0.4 -p seed "3"'],
            'lib.rerun beyond-collapse/01-phase-transition   -p mu_norm 0.4 -p seed "3"',
        ),
        (
            ["run", "PROFILE=paper", "WORKERS=2"],
            "lib.rerun beyond-collapse/01-phase-transition --profile paper --workers 2",
        ),
        (
            ["run", "BOOK_RUNS=/tmp/runs", "-j2", "--no-print-directory"],
            "lib.rerun beyond-collapse/01-phase-transition",
        ),
        (["parts", "PROFILE=paper"], "lib.rerun beyond-collapse/01-phase-transition --profile paper --parts"),
        (["parts", "SET=-p seed 3"], "lib.rerun beyond-collapse/01-phase-transition  --parts -p seed 3"),
        (
            ["run", "OMP_NUM_THREADS=1", "BOOK_THREADS=1", "PYTHON=python3"],
            "lib.rerun beyond-collapse/01-phase-transition",
        ),
        (["record"], "lib.rerun beyond-collapse/01-phase-transition --record"),
        (["record", "SET=-p seed 3"], "lib.rerun beyond-collapse/01-phase-transition --record -p seed 3"),
        (["ledger"], "lib.rerun beyond-collapse/01-phase-transition --ledger"),
    ],
)
def test_what_reaches_the_command(words, command):
    done = make(*words, NOTEBOOK)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].strip().endswith(command)


def test_the_database_of_other_targets_is_still_there():
    """Shells complete the names of targets from it."""
    assert len(make("-p", "lint").stdout.splitlines()) > 500
