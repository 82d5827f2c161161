"""lib.experiments.random_matrices.language_findings on a small table by hand."""

import json

import pytest

from lib import paths
from lib.experiments.random_matrices import language_findings as findings
from lib.experiments.random_matrices.language_preferences import VERIFIERS as VERIFIER
from lib.experiments.random_matrices.safety_answers import VERIFIERS
from lib.experiments.random_matrices.safety_findings import FIGURES


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


def test_the_paper_s_pairs():
    assert findings.scaled(10**6) == {"human": 5000, "synthetic": 35000}
    assert findings.scaled(40000) == {"human": 5000, "synthetic": 35000}
    assert findings.scaled(39999) == {"human": 4999, "synthetic": 34993}
    assert findings.scaled(8) == {"human": 1, "synthetic": 7}
    with pytest.raises(
        ValueError, match=r"^pairs = 7 of a safe and an unsafe answer to one question; allowed: at least 8"
    ):
        findings.scaled(7)


def test_the_points_of_figure_8():
    """Twenty trainings and one that all curves share, at the published m/(n + m), which has two digits. decided: before"""
    points = findings.trainings(5000)
    assert points[0]["m"] == 0
    assert [each["m"] for each in points[1:]] == 4 * [7000, 14000, 21000, 28000, 35000]
    assert len({tuple(each.items()) for each in points}) == 21
    with pytest.raises(ValueError, match=r"^human = 0 is outside"):
        findings.trainings(0)
    published = json.loads((paths.ROOT / "data/published/random-matrices.json").read_text())
    for verifier, epsilon in findings.CURVES:
        (colour,) = (k for k, v in FIGURES[f"fig8_eps{epsilon}"].items() if v == verifier)
        markers = published[f"fig8_eps{epsilon}"]["markers"][colour]
        own = [each["m"] for each in points if each["epsilon"] == epsilon and each["phi"] == VERIFIER[verifier]["phi"]]
        assert [at for at, _ in markers] == pytest.approx([m / (5000 + m) for m in (0, *own)], abs=0.006)


def preferred(seeds):
    """Share k/40 at the point k, and a twentieth more with each seed at the last point of all."""
    points = findings.trainings(10)
    safe = [k / 40 for k in range(20)]
    return {
        "points": points,
        "judged": [{"safe": [*safe, 0.5 + 0.05 * seed], "answers": 40, "test": 0.75, "tested": 60} for seed in seeds],
    }


def test_curves_of_safe_answers():
    curves = findings.safe_curves(preferred([0, 8]))
    assert list(curves) == [("strong", 0.1), ("weak", 0.1), ("strong", 0.5), ("weak", 0.5)]
    assert [row["m"] for row in curves["strong", 0.5]] == [0, 14, 28, 42, 56, 70]
    assert [row["safe"] for row in curves["strong", 0.5]] == pytest.approx([k / 40 for k in (0, 11, 12, 13, 14, 15)])
    last = curves["weak", 0.5][-1]
    assert (last["safe"], last["standard error"]) == pytest.approx((0.7, 0.2))  # 0.5 and 0.9
    gains = findings.safe_gains(preferred([0, 8]))
    assert gains["weak", 0.5] == pytest.approx((0.7, 0.2))


def test_equal_draws_keep_the_error_of_their_answers():
    """Agresti and Coull's, of 0 and 5 of 40 answers, over two seeds."""
    none, five = (p * (1 - p) / 44 for p in (2 / 44, 7 / 44))
    assert findings.safe_gains(preferred([0, 8]))["strong", 0.1] == pytest.approx((5 / 40, ((none + five) / 2) ** 0.5))
    row = findings.safe_curves(preferred([0, 8]))["strong", 0.1][-1]
    assert row["standard error"] == pytest.approx((five / 2) ** 0.5)


def test_one_seed_has_the_error_of_so_many_answers():
    """Agresti and Coull's: of 40 answers none, and 20, safe."""
    none, half = (2 / 44 * 42 / 44 / 44) ** 0.5, (0.5 * 0.5 / 44) ** 0.5
    curve = findings.safe_curves(preferred([0]))["weak", 0.5]
    assert [curve[k]["standard error"] for k in (0, -1)] == pytest.approx([none, half])
    assert findings.safe_gains(preferred([0]))["weak", 0.5] == pytest.approx((0.5, (none**2 + half**2) ** 0.5))
