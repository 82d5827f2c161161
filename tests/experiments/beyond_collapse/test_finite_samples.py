"""Notebook beyond-collapse/03: parts against plain numpy on the same draws, measures against curves made by hand."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import norm, sem

from lib import seeds
from lib.experiments.beyond_collapse import finite_samples as fs
from lib.models.linear.least_squares import fit_least_squares
from lib.models.mixtures import two_classes

SETTING = {"tau": 0.4, "dimension": 6, "synthetic": 3000}
SIZES = [200, 500, 900]


def test_selection_sizes():
    assert fs.selection_sizes(20000, 3) == [200, 2000, 20000]
    assert fs.selection_sizes(400, 40)[::39] == [200, 400]


def test_select():
    """Each rule, row by row in plain Python."""
    rng = seeds.rng(0, "select")
    x, w_star, *verifiers = (torch.from_numpy(rng.normal(size=shape)) for shape in ((50, 4), 4, 4, 4))
    y, labels = (torch.from_numpy(rng.choice([-1.0, 1.0], size=50)) for _ in range(2))
    found = fs.select(x, y, labels, w_star, verifiers)
    for i in range(50):
        agrees = [bool((x[i] @ w > 0) == (labels[i] > 0)) for w in (w_star, *verifiers)]
        assert found[:, i].tolist() == [agrees[0], bool(labels[i] == y[i]), *agrees[1:], True, True]


@pytest.mark.parametrize("reading", ["drawn", "threshold"])
def test_repeat(reading):
    """Rates by counting, fits by numpy's lstsq on the rows themselves, accuracies by scipy, on the draws of the same stream."""
    found = fs.repeat(seed=5, repeat=1, real=200, reading=reading, sizes=SIZES, logistic_sizes=[200], **SETTING)
    draw = seeds.generator(5, "beyond-collapse/03", 200, 1, reading)
    d, tau = SETTING["dimension"], SETTING["tau"]
    axis = torch.randn(d, generator=draw)
    w_star = axis / axis.norm()
    w_gen = fit_least_squares(*two_classes.draw_mixture(200, tau * w_star, d**-0.5, generator=draw))
    verifiers = [two_classes.draw_at_angle(w_star, angle, generator=draw) for angle in (math.pi / 12, math.pi / 6)]
    x, y = two_classes.draw_mixture(SETTING["synthetic"], tau * w_star, d**-0.5, generator=draw)
    if reading == "drawn":
        labels = two_classes.sigmoid_labels(x, w_gen, generator=draw)
    else:
        labels = torch.where(x.double() @ w_gen > 0, 1.0, -1.0)
    rows, truth, given = x.double().numpy(), y.numpy(), labels.numpy()
    best = norm.cdf(tau * d**0.5)
    kept = {
        "oracle, w*": np.sign(rows @ w_star.double().numpy()) == given,
        "oracle, true label": truth == given,
        "verifier at π/6": np.sign(rows @ verifiers[1].double().numpy()) == given,
        "random": np.ones(len(truth), bool),
        "clean": np.ones(len(truth), bool),
    }
    assert found["p"] == np.mean(truth != given)
    for name, chosen in kept.items():
        s = fs.SELECTIONS.index(name)
        targets = truth if name == "clean" else given
        if name != "clean":
            assert found["phi"][s] == pytest.approx(chosen[truth == given].mean(), abs=1e-6)
            assert found["psi"][s] == pytest.approx(chosen[truth != given].mean(), abs=1e-6)
        for at, size in enumerate(SIZES):
            w = np.linalg.lstsq(rows[chosen][:size], targets[chosen][:size], rcond=None)[0]
            cosine = w @ w_star.double().numpy() / np.linalg.norm(w)
            assert found["least squares"][s][at] == pytest.approx(1 - norm.cdf(tau * d**0.5 * cosine) / best, abs=2e-6)
    assert np.array(found["logistic ridge"]).shape == (6, 1)


def test_a_selection_that_runs_out_has_no_error():
    found = fs.repeat(seed=5, repeat=0, real=200, reading="drawn", sizes=[200, 2999], logistic_sizes=[200], **SETTING)[
        "least squares"
    ]
    assert found[fs.SELECTIONS.index("random")][1] is not None
    assert found[fs.SELECTIONS.index("oracle, w*")][1] is None


def values(least, logistic=None):
    """A run's values from errors (generator, repeat, selection, size)."""
    logistic = least if logistic is None else logistic
    results = [
        [{"least squares": a.tolist(), "logistic ridge": b.tolist(), "p": 0.1, "phi": [0.9] * 6, "psi": [0.2 + 0.1 * k] * 6}
         for k, (a, b) in enumerate(zip(*rows, strict=True))]
        for rows in zip(least, logistic, strict=True)
    ]  # fmt: skip
    return {
        "generators": list(fs.GENERATORS),
        "sizes": {"least squares": [500, 1000, 2000], "logistic ridge": [500, 1000, 2000]},
        "results": results,
    }


def test_measure():
    """Each quantity by its definition, on errors that are all different."""
    errors = seeds.rng(1, "measure").uniform(0.1, 0.9, size=(4, 4, 6, 3))
    found = fs.measure(values(errors, errors[::-1]))

    def largest(pairs):
        one = max(pairs, key=np.mean)
        return pytest.approx((one.mean(), sem(one)), rel=1e-9)

    assert found["oracle"] == largest([errors[g, :, 0, i] - errors[g, :, 5, i] for g in range(4) for i in (1, 2)])
    good = [errors[g, :, 0, i] - errors[g, :, 5, i] for g in (1, 2, 3) for i in (1, 2)]
    assert found["oracle, good generators"] == largest(good)
    others = [errors[g, :, 0, i] - errors[g, :, s, i] for g in range(4) for i in (1, 2) for s in (2, 3, 4)]
    assert found["best"] == largest(others)
    assert found["order"] == largest(
        [errors[g, :, a, 2] - errors[g, :, b, 2] for g in range(4) for a, b in ((0, 2), (2, 3))]
    )
    steps = [errors[g + 1, :, s, 2].mean() - errors[g, :, s, 2].mean() for g in range(3) for s in (0, 2, 3, 4)]
    assert found["generators"].value == pytest.approx(max(steps))
    assert found["harm"] == largest([errors[3, :, 3, 2] - errors[3, :, 4, 2]])
    assert found["help"] == largest([errors[0, :, 3, 2] - errors[0, :, 4, 2]])
    assert found["rise, least squares"] == found["rise, logistic ridge"]


def test_rise():
    """A curve with its lowest point in the middle rises by what was put in, measured on the repeats that did not choose it."""
    errors = np.full((4, 4, 6, 3), 0.5)
    errors[:, :, 2:4] = [0.3, 0.2, 0.25]
    errors[2, 2:, 3, 2] = [0.30, 0.32]  # the other half
    found = fs.rise(values(errors), "logistic ridge")
    assert found == pytest.approx((0.11, 0.01), rel=1e-9)
    assert fs.sweet_spots(values(errors))[0] == ("verifier at π/12", 200, 1000)


def test_a_run_too_small_measures_nothing():
    """Two selections run out at the largest size: what rests on them is None, what does not is measured as before."""
    errors = seeds.rng(2, "small").uniform(0.1, 0.9, size=(4, 4, 6, 3))
    whole = fs.measure(values(errors))
    least = errors.copy()
    least[1, 3, fs.SELECTIONS.index("oracle, w*"), 2] = np.nan
    found = fs.measure(values(least, errors))
    assert {name for name, one in found.items() if one is None} == {
        *("oracle", "oracle, good generators", "best", "order", "generators")
    }
    assert all(one == whole[name] for name, one in found.items() if one is not None)
    least[0, 1, fs.SELECTIONS.index("verifier at π/6"), 2] = np.nan
    found = fs.measure(values(least, errors))
    assert {name for name, one in found.items() if one is not None} == {"harm"}
    logistic = fs.errors_of(values(least, errors), "logistic ridge")  # learns from rows that are not there
    assert np.array_equal(np.isnan(logistic), np.isnan(least))
    assert 2000 not in {size for _, real, size in fs.sweet_spots(values(np.where(np.arange(3) == 2, np.nan, errors)))}


def test_mean_rates():
    rows = fs.mean_rates(values(np.full((4, 3, 6, 3), 0.5)))
    assert len(rows) == 20
    assert rows[0] == (200, "oracle, w*", pytest.approx(0.1), pytest.approx(0.9), pytest.approx(0.3))
