"""Runs at the edges of the parameters' ranges: they end, show numbers, and leave undecided what cannot be measured there."""

import re

import nbformat
import pytest

from lib import rerun
from lib.runs.files import read_json

EDGES = {  # notebook: parameters, and claims that cannot be decided with them
    "beyond-collapse/01-phase-transition": (
        {"t": 0.5, "n_small": 20, "n_medium": 21, "n_large": 22, "repeats": 2, "dimension": 2},
        set(),  # no number of kept examples agrees with the bounds
    ),
    "beyond-collapse/03-finite-samples": (
        {"dimension": 3, "synthetic": 2000, "largest": 1200, "logistic_largest": 1200, "size_count": 3},
        {
            "beyond-collapse/section-4-better-verifier",
            "beyond-collapse/section-4-better-generator",
        },  # selections run out
    ),
    "beyond-collapse/05-summaries": (
        {"articles": 40, "columns": 1, "seeds": 2, "test_share": 0.1},
        set(),  # a selection of so few keeps nothing right; the claims are the record's
    ),
    "random-matrices/05-safety-answers": (
        {"real": 50, "pool": 25, "columns": 2, "draws": 2},
        {"random-matrices/own-verifier"},
    ),
    "random-matrices/04-real-features": (
        {"peak": 100.0, "final": 100.0, "n_class": 2, "networks": 2},
        {"random-matrices/figure-7-training-images"},  # networks that learn nothing
    ),
}


@pytest.mark.parametrize("notebook", EDGES)
def test_a_run_at_the_edge_ends_in_words(notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    changes, undecided = EDGES[notebook]
    executed = rerun.run(notebook, "smoke", changes=changes)
    outputs = [output for cell in nbformat.read(executed, as_version=4).cells for output in cell.get("outputs", [])]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]  # no warning
    words = [each for output in outputs for each in [output.get("text"), *output.get("data", {}).values()]]
    words = [each for each in words if isinstance(each, str)]
    assert not [each for each in words if re.search(r"\b(nan|inf|None)\b", re.sub(r"base64,[^\"]*", "", each))]
    claims = read_json(executed.with_name("ledger.json"))["claims"]
    assert undecided <= {name for name, row in claims.items() if row["verdict"] == "undecided"}
