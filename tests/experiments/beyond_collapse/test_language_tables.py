"""lib.experiments.beyond_collapse.language_tables on a small table by hand."""

import pytest

from lib.experiments.beyond_collapse import language_tables as tables
from lib.experiments.beyond_collapse.summaries import SELECTIONS


def part(k, seed, **other):
    counted = {"kept": 10 * (k + 1), "blank": seed, "p": 0.5, "phi": 0.4, "psi": 0.1, "p_star": 0.8, "wrong": 0.2}
    return {"rouge": 0.3 + 0.1 * k + 0.02 * seed} | counted | other


def made(seeds):
    lines = [{"generator": 0.3 + 0.1 * seed, "verifier": 0.5, "originals": 0.6} for seed in seeds]
    curves = {name: [[part(k, seed) for seed in seeds] for k in (0, 1)] for name in SELECTIONS}
    return {"rates": [0.25, 0.5], "test_share": 0.2, "lines": lines, "curves": curves}


def test_lines_first_then_every_selection_and_rate():
    rows = tables.rows(made([0, 1]))
    names = ["generator", "verifier", "originals", *(name for name in SELECTIONS for _ in (0, 1))]
    assert [row["selection"] for row in rows] == names
    assert [row["labels"] for row in rows] == ["line"] * 3 + ["generated"] * 8
    assert [row["share kept"] for row in rows] == [None] * 3 + [0.25, 0.5] * 4
    assert len({tuple(row) for row in rows}) == 1  # one head for all


def test_means_and_errors_over_two_seeds():
    """Two draws that differ by d have a variance of d²/2; the error's factor is 1/2 + t/(1 - t) = 3/4 for t = 0.2."""
    rows = {(row["selection"], row["share kept"]): row for row in tables.rows(made([0, 1]))}
    assert rows["generator", None]["Rouge-1"] == pytest.approx(0.35)
    assert rows["generator", None]["standard error"] == pytest.approx((0.1**2 / 2 * 0.75) ** 0.5)
    last = rows["random", 0.5]
    assert last["Rouge-1"] == pytest.approx(0.41)
    assert last["standard error"] == pytest.approx((0.02**2 / 2 * 0.75) ** 0.5)
    assert (last["kept"], last["blank"], last["phi"]) == (20, 0.5, pytest.approx(0.4))


def test_a_single_seed_has_no_error():
    for row in tables.rows(made([1])):
        assert row["standard error"] is None
        assert 0.3 <= row["Rouge-1"] <= 0.6


def test_what_one_seed_could_not_count_stays_open():
    found = made([0, 1])
    found["curves"]["oracle"][0][1] = part(0, 1, p_star=None)
    rows = {(row["selection"], row["share kept"]): row for row in tables.rows(found)}
    assert rows["oracle", 0.25]["p_star"] is None
    assert rows["oracle", 0.25]["phi"] == pytest.approx(0.4)
    assert rows["oracle", 0.5]["p_star"] == pytest.approx(0.8)
