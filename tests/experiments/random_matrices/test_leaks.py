"""What is said of Figure 6, on accuracies made up so that every answer is known."""

import json

import numpy as np
import pytest

from lib import paths, statistics
from lib.experiments.random_matrices import leaks
from lib.experiments.random_matrices.real_features import PROTOCOLS, RATIOS, READINGS, VERIFIERS

PUBLISHED = json.loads((paths.ROOT / "data/published/random-matrices.json").read_text())
LEVELS, GAINS = (0.03, 0.02, 0.1), (0.05, 0.01, -0.02)  # what the leaks of mean, scaler and test add
SIZES = [1, 25, 50, 100, 200, 500, 1000, 1500]


def made_up(table="own", draws=6, spread=0.01):
    """Accuracy of a draw: 0.7, each leak's part of the level and, as m/n, of the gain, 0.04 for the oracle, and a number."""
    noise = np.random.default_rng(0).normal(size=draws) * spread
    rise = np.array(RATIOS) / RATIOS[-1]
    found = np.zeros((draws, len(PROTOCOLS), len(VERIFIERS), len(RATIOS)))
    for k, on in enumerate(PROTOCOLS):
        level, gain = 0.7 + np.dot(on, LEVELS), 0.005 + np.dot(on, GAINS)
        found[:, k] = level + gain * (rise - rise[0]) / (1 - rise[0]) + np.array([0.04, 0.0])[:, None]
    found += noise[:, None, None, None]
    line = found.mean(0)[[0, -1]]
    return {
        "sizes": SIZES,
        "accuracy": {table: found.tolist()},
        "theory": {table: (line + 0.02).tolist()},
        "gaussian": {table: [(line + 0.021).tolist(), np.full(line.shape, 0.003).tolist()]},
        "finite": {table: (found - 0.01).tolist()},
        "readings": {},
    }


def test_names_of_the_protocols():
    names = leaks.protocol_names()
    assert names[0] == "as published"
    assert names[PROTOCOLS.index((True, False, True))] == "mean and test leak"
    assert names[PROTOCOLS.index((False, True, False))] == "scaler leaks"
    assert names[-1] == "none leaks"
    assert len(set(names)) == 8


def test_published_curves():
    curve = leaks.published_curve(PUBLISHED, "books", "oracle")
    assert len(curve) == len(RATIOS)
    assert curve != leaks.published_curve(PUBLISHED, "books", "none")
    for (share, accuracy), m_over_n in zip(curve, RATIOS, strict=True):
        assert share == pytest.approx(m_over_n / (1 + m_over_n), abs=0.01)
        assert 0.7 < accuracy < 0.9
    assert leaks.published_curve(PUBLISHED, "digits", "oracle") is None


def test_curves():
    rows = leaks.curves(made_up("books"), 100, PUBLISHED)
    assert len(rows) == 2 * 2 * len(SIZES)
    last = rows[len(SIZES) - 1]
    assert (last["table"], last["protocol"], last["verifier"]) == ("books", "as published", "oracle")
    assert last["share synthetic"] == 1500 / 1600
    assert last["theory"] == pytest.approx(last["accuracy"] + 0.02)
    assert last["published"] == leaks.published_curve(PUBLISHED, "books", "oracle")[-1][1]
    assert {row["published"] for row in rows if row["protocol"] == "without leaks"} == {None}
    assert {row["published"] for row in leaks.curves(made_up(), 100, PUBLISHED)} == {None}
    noise = np.array(made_up()["accuracy"]["own"])[:, 0, 0, 0]
    assert last["standard error"] == pytest.approx(noise.std(ddof=1) / 6**0.5)


def test_level_gain_and_attribution():
    found = made_up()
    level, gain = leaks.level_and_gain(found["accuracy"]["own"])
    assert level.shape == gain.shape == (6, 8)
    assert gain[:, 0] == pytest.approx(0.005 + sum(GAINS))
    assert gain[:, -1] == pytest.approx(0.005)
    of_none = leaks.level_and_gain(found["accuracy"]["own"], verifier=1)[0]
    assert (level - of_none).ravel() == pytest.approx(0.04)
    rows = leaks.attribution(found)
    assert [row["protocol"] for row in rows] == leaks.protocol_names()
    assert rows[0]["level"] - rows[-1]["level"] == pytest.approx(sum(LEVELS))
    assert rows[0]["level's standard error"] == pytest.approx(level[:, 0].std(ddof=1) / 6**0.5)
    assert rows[0]["gain's standard error"] == pytest.approx(0, abs=1e-12)  # the draws' numbers cancel


def test_main_effects_are_what_was_put_in():
    effects = leaks.main_effects(made_up()["accuracy"]["own"])
    for (level, gain), adds_level, adds_gain in zip(effects.values(), LEVELS, GAINS, strict=True):
        assert level.value == pytest.approx(adds_level)
        assert gain.value == pytest.approx(adds_gain)
    assert list(effects) == ["mean", "scaler", "test"]


def test_distances_of_readings():
    dots = np.array([[q[1] for q in leaks.published_curve(PUBLISHED, "elec", v)] for v in VERIFIERS])
    means = [(dots + k / 100).tolist() for k in range(len(READINGS))]
    means[1][0][3] -= 0.05
    found = leaks.distances_of_readings({"readings": {"elec": means}}, PUBLISHED)
    assert list(found) == list(READINGS)
    distances = [found[name]["elec"] for name in READINGS]
    assert distances[0] == (0, 0)
    assert distances[2] == pytest.approx((0.02, 0.02))
    assert distances[1] == pytest.approx((np.sqrt((15 * 0.01**2 + 0.04**2) / 16), 0.04))


def test_gaps_to_theory():
    published, honest = leaks.gaps_to_theory(made_up())
    assert (published["protocol"], honest["protocol"]) == ("as published", "without leaks")
    for gap in (published, honest):
        assert (gap["fresh"], gap["largest"], gap["error"]) == pytest.approx((0.001, 0.001, 0.003))
        assert (gap["real"], gap["real largest"]) == pytest.approx((-0.02, 0.02))
        assert (gap["finite"], gap["finite largest"]) == pytest.approx((-0.03, 0.03))


def test_measured():
    found = made_up()
    measured = leaks.measured(found, None, PUBLISHED)
    whole = 0.005 + sum(GAINS)
    assert measured["as published"] == {"gain": pytest.approx((whole, 0), abs=1e-12)}
    without = {name: estimate.value for name, estimate in measured["without leaks"].items()}
    assert without == pytest.approx(
        {
            "gain without any leak": 0.005 / whole,
            "gain without the mean's leak": 1 - GAINS[0] / whole,
            "gain without the test leak": 1 - GAINS[2] / whole,
            "gain without the scaler's leak": 1 - GAINS[1] / whole,
            "oracle against none": 0.04,
        }
    )


def test_no_gain_has_no_shares():
    """Where the oracle gains nothing by the published procedure, what is left of its gain without a leak is not measured."""
    found = made_up()
    flat = np.array(found["accuracy"]["own"])
    flat[:] = flat[..., :1]
    measured = leaks.measured({"accuracy": found["accuracy"] | {"flat": flat.tolist()}}, None, PUBLISHED)
    assert measured["as published"]["gain"] == (0.0, 0.0)
    assert [name for name, one in measured["without leaks"].items() if one is not None] == ["oracle against none"]


def test_measured_takes_the_smallest_over_tables_and_the_farthest_dot():
    found, other = made_up("books"), made_up("kitchen")
    other["accuracy"]["kitchen"] = (np.array(other["accuracy"]["kitchen"]) * 0.9).tolist()
    both = {"accuracy": found["accuracy"] | other["accuracy"]}
    measured = leaks.measured(both, both, PUBLISHED)
    assert measured["as published"]["gain"].value == pytest.approx(0.9 * (0.005 + sum(GAINS)))
    mean, error = statistics.means_and_errors(both["accuracy"]["kitchen"])
    dots = np.array([[q[1] for q in leaks.published_curve(PUBLISHED, "kitchen", v)] for v in VERIFIERS])
    assert measured["as published"]["curves"].value == pytest.approx(np.abs(mean[0] - dots).max())
    assert measured["as published"]["curves"].standard_error in error[0]
    assert "curves" not in leaks.measured(found, made_up("own"), PUBLISHED)["as published"]  # no dots of that table
