"""lib.experiments.beyond_collapse.summary_tables on small tables by hand, and its error against draws whose error is known."""

import math

import numpy as np
import pytest

from lib.experiments.beyond_collapse import summary_tables as tables
from lib.experiments.beyond_collapse.summaries import LABELS, SELECTIONS
from lib.statistics import Estimate, mean_and_error

LINES = [{"generator": 0.4, "originals": 0.5, "agree": 0.5}, {"generator": 0.42, "originals": 0.5, "agree": 0.7}]
LEVELS = {"oracle": 0.5, "weak": 0.45, "self": 0.43, "random": 0.4}  # at the first rate; 0.01 more at the second
PASSED = {"oracle": 0.9, "weak": 0.8, "self": 0.7, "random": 0.5}


def part(selection, labels, k, seed):
    rouge = LEVELS[selection] + 0.01 * k + 0.02 * seed + (0.1 if labels == "original" else 0)
    return {"rouge": rouge, "p_star": PASSED[selection], "phi": 0.5, "psi": 0.5 * (1 - PASSED[selection])}


@pytest.fixture
def found():
    curves = {
        labels: {name: [[part(name, labels, k, seed) for seed in (0, 1)] for k in (0, 1)] for name in SELECTIONS}
        for labels in LABELS
    }
    return {"rates": [0.25, 0.5], "test_share": 0.2, "lines": LINES, "curves": curves}


def test_the_error_by_hand():
    draws = [0.1, 0.3, 0.2]
    found, plain = tables.of_seeds(draws, 0.2), mean_and_error(draws)
    assert found.value == pytest.approx(0.2)
    assert found.standard_error == pytest.approx(0.1 * math.sqrt(1 / 3 + 0.25))
    assert found.standard_error > plain.standard_error


@pytest.mark.parametrize("share", [0.1, 0.2, 0.4])
def test_the_error_covers_new_articles(share):
    """A mean that is learned from n1 articles and scored on n2 of the same population; seeds split the same articles again.

    The error must tell how far such a mean is from the one of a new population of articles; the plain one is far too small.
    """
    rng = np.random.default_rng(0)
    count, seeds = 100, 20
    means, corrected, plain = [], [], []
    for _ in range(400):
        articles = rng.normal(size=count)
        draws = [articles[rng.permutation(count)[: round(share * count)]].mean() for _ in range(seeds)]
        means.append(np.mean(draws))
        corrected.append(tables.of_seeds(draws, share).standard_error ** 2)
        plain.append(mean_and_error(draws).standard_error ** 2)
    true = np.var(means)
    assert np.mean(plain) < 0.6 * true
    assert np.mean(corrected) == pytest.approx(true, rel=0.25)  # 400 populations know a variance to 7 %


@pytest.mark.parametrize(
    ("draws", "share", "words"),
    [([0.1], 0.2, "at least two"), ([0.1, math.nan], 0.2, "draws"), ([0.1, 0.2], 1.0, "test_share"), (3, 0.2, "draws")],
)
def test_bad_draws(draws, share, words):
    with pytest.raises(ValueError, match=words):
        tables.of_seeds(draws, share)


def test_lines_and_curves(found):
    assert tables.line(found, "generator").tolist() == [0.4, 0.42]
    assert tables.curve(found, "weak").tolist() == pytest.approx(np.array([[0.45, 0.47], [0.46, 0.48]]))
    assert tables.curve(found, "weak", "original")[0, 0] == pytest.approx(0.55)
    assert tables.ratio(found, "weak") == pytest.approx(np.full((2, 2), 0.2))


def test_an_average_over_rates_comes_first(found):
    draws = tables.curve(found, "oracle") - tables.line(found, "generator")
    assert tables.average(found, draws) == pytest.approx(Estimate(0.105, 0))
    assert tables.average(found, np.array([0.0, 0.2])) == tables.of_seeds([0.0, 0.2], 0.2)
    for gap in (math.nan, math.inf):
        assert tables.average(found, np.array([[0.0, gap], [1.0, 1.0]])) is None


def test_the_least_gain_is_one_of_a_rate(found):
    gains = [np.array([[0.3, 0.5], [0.1, 0.2]]), np.array([0.2, 0.3])]
    assert tables.least(found, gains) == tables.of_seeds([0.1, 0.2], 0.2)


def test_orders(found):
    assert tables.orders(found).tolist() == pytest.approx(np.ones((2, 2)))
    for row in found["curves"]["generated"]["random"]:
        for each in row:
            each["rouge"] = 0.9  # the lowest p*, the best curve: 1 - 6 (9 + 3 * 1) / 60
    assert tables.orders(found) == pytest.approx(np.full((2, 2), -0.2))
    found["curves"]["generated"]["self"][1][0]["p_star"] = None
    assert np.isnan(tables.orders(found)).tolist() == [[False, False], [True, False]]
    assert tables.measured(found)["section-5.3-order"]["rank correlation"] is None


def test_orders_of_means_see_through_the_noise_of_seeds(found):
    """Seeds whose neighbours change places, one each way, have the order of p* in their means and not one by one."""
    assert tables.orders_of_means(found) == pytest.approx([1.0, 1.0])
    own = found["curves"]["generated"]
    own["weak"][0][0]["rouge"], own["self"][0][0]["rouge"] = 0.43, 0.44
    assert tables.orders(found)[0].tolist() == pytest.approx([0.8, 1.0])
    assert tables.orders_of_means(found)[0] == pytest.approx(1.0)
    own["self"][1][0]["p_star"] = None
    assert tables.orders_of_means(found)[1] is None
    for name in SELECTIONS:
        for each in own[name][0]:
            each["rouge"] = 0.5  # no order at all, and no warning
    assert tables.orders_of_means(found)[0] is None


def test_ratios_apart(found):
    """Without a right answer among the kept ones a ratio has no end, and a difference of two such has no value, nor a warning."""
    assert tables.ratio_apart(found) == pytest.approx(np.full((2, 2), -0.1))
    for name, k in (("weak", 0), ("self", 0), ("weak", 1)):
        found["curves"]["generated"][name][k][0]["phi"] = 0.0
    assert np.isnan(tables.ratio_apart(found)).tolist() == [[True, False], [True, False]]
    assert tables.measured(found)["section-5.3-verifier-ratio"]["difference"] is None


def test_what_the_claims_measure(found):
    own = {name: {test: each.value for test, each in tests.items()} for name, tests in tables.measured(found).items()}
    assert own == {
        "figure-4-random-collapse": {"loss": pytest.approx(0.0)},
        "figure-4-random-more-data": {"rise": pytest.approx(0.01), "gap left": pytest.approx(-0.01)},
        "figure-4-oracle-best": {"least advantage": pytest.approx(0.05)},
        "figure-4-oracle-above-generator": {"least advantage": pytest.approx(0.1)},
        "figure-4-oracle-above-originals": {"advantage": pytest.approx(0.01)},
        "figure-4-self-above-generator": {"advantage": pytest.approx(0.035)},
        "figure-4-better-verifier": {"against random": pytest.approx(0.05), "self-selection's advantage": pytest.approx(-0.02)},
        "section-5.3-verifier-ratio": {"difference": pytest.approx(-0.1)},
        "section-5.3-order": {"rank correlation": pytest.approx(1.0)},
        "section-5.3-easy-to-learn": {"advantage": pytest.approx(0.03)},
        "summaries-oracle-articles": {"advantage": pytest.approx(0.1)},
        "summaries-wrong-answers": {"loss": pytest.approx(0.1)},
    }  # fmt: skip


def test_rows_of_the_figure(found):
    rows = tables.rows(found)
    assert [row["selection"] for row in rows[:3]] == ["generator", "originals", "oracle"]
    assert rows[0] == {
        "labels": "line", "selection": "generator", "share kept": None, "Rouge-1": pytest.approx(0.41),
        "standard error": pytest.approx(0.02 / math.sqrt(2) * math.sqrt(0.5 + 0.25)),
    }  # fmt: skip
    assert len(rows) == 2 + 2 * 4 * 2
    assert rows[2] == {
        "labels": "generated", "selection": "oracle", "share kept": 0.25, "Rouge-1": pytest.approx(0.51),
        "standard error": pytest.approx(0.02 / math.sqrt(2) * math.sqrt(0.5 + 0.25)),
    }  # fmt: skip
