"""lib.experiments.random_matrices.language_findings on a small table by hand."""

import pytest

from lib.experiments.random_matrices import language_findings as findings
from lib.experiments.random_matrices.safety_answers import VERIFIERS


@pytest.mark.parametrize(
    ("real", "pool", "sizes"),
    [(10, 100, [0, 5, 10, 20, 50, 100]), (12, 118, [0, 6, 12, 24, 60, 118]), (100, 20, [0, 20])],
)
def test_sizes(real, pool, sizes):
    assert findings.sizes(real, pool) == sizes
    found = findings.students(real, pool)
    assert [m for name, m in found if name == "none"] == sizes
    assert len(found) == len(set(found)) == 1 + 4 * (len(sizes) - 1)


def made(seeds):
    share = {"epsilon": 0.25, "phi": 0.5, "psi": 0.125}
    return {
        "sizes": [0, 8],
        "judges": [{"labeller": 0.5 + 0.1 * seed, "verifier": 0.75} for seed in seeds],
        "shares": [{name: share for name in VERIFIERS} for _ in seeds],
        "students": {
            name: [[{"accuracy": 0.5 + 0.02 * k * seed, "kept": 4 * k + seed} for seed in seeds] for k in (0, 1)]
            for name in VERIFIERS
        },
    }


def test_rows_over_two_seeds():
    rows = findings.rows(made([0, 1]))
    assert [(row["model"], row["m"]) for row in rows[:2]] == [("labeller", None), ("verifier", None)]
    assert [(row["model"], row["m"]) for row in rows[2:]] == [(name, m) for name in VERIFIERS for m in (0, 8)]
    assert rows[0]["accuracy"] == pytest.approx(0.55)
    assert rows[0]["standard error"] == pytest.approx(0.05)  # half the difference of two draws
    assert rows[-1]["accuracy"] == pytest.approx(0.51)
    assert rows[-1]["standard error"] == pytest.approx(0.01)
    assert (rows[-1]["kept"], rows[-1]["epsilon"], rows[-1]["psi"]) == (4.5, 0.25, 0.125)
    assert len({frozenset(row) for row in rows}) == 1


def test_a_single_seed_has_no_error():
    assert {row["standard error"] for row in findings.rows(made([0]))} == {None}
