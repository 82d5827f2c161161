"""The Gaussian chain: entropies against samples, an account by hand, bars."""

import math

import numpy as np
import pytest
from reverse_bottleneck_cases import LN2

from lib.experiments.reverse_bottleneck.worlds import gaussian_world
from lib.theory.reverse_bottleneck import gaussian_chain


def test_gaussian_entropies_against_samples():
    rng, n = np.random.default_rng(1), 400_000
    for _ in range(5):
        s = gaussian_world(rng, dependent=True)
        a, u, q, e, w, v = rng.normal(size=(6, n))
        x = {"A": s["anchor"] * a}
        x["P"] = x["A"] + s["prompt_noise"] * u
        r = s["correlation"]
        x["Q"] = s["model_noise"] * (r * x["P"] / math.hypot(s["anchor"], s["prompt_noise"]) + math.sqrt(1 - r * r) * q)
        x["H"], x["G"] = s["h"] * x["P"], s["g"] * x["Q"]
        x["M"] = x["H"] + x["G"]
        x["S"] = x["M"] + s["curation_noise"] * e
        x["W"] = x["S"] + s["learner_noise"] * w
        x["V"] = x["A"] + s["learner_noise"] * v
        for group, value in gaussian_chain.entropies(**s).items():
            covariance = np.atleast_2d(np.cov([x[letter] for letter in group]))
            k = len(group)
            expected = 0.5 * (np.linalg.slogdet(covariance)[1] + k * math.log(2 * math.pi * math.e))
            # the log determinant of k sampled variances has standard error sqrt(2 k / n)
            assert value == pytest.approx(expected, abs=4.5 * 0.5 * math.sqrt(2 * k / n)), group


def test_gaussian_account_by_hand():
    found = gaussian_chain.account(1.0, 1.0, 1.0, 1.0, 1.0)  # variances: P 2, M 3, S 4, W 5
    assert found.gain == pytest.approx(0.5 * math.log(2 * math.pi * math.e))
    assert found.information == pytest.approx(0.5 * math.log(5))
    assert found.curation_loss == pytest.approx(0.5 * math.log(5 / 2) - 0.5 * math.log(5))
    assert found.bottleneck == pytest.approx(0.5 * math.log(5 / 3) + 0.5 * math.log(5 / 4))
    assert found.ggmi == pytest.approx(0.5 * LN2 - 0.5 * math.log(5))
    assert found.information_transfer == pytest.approx(0.5 * math.log(4 / 3))


def test_bars_add_up():
    noises = (0.3, 2.0, 0.1, 0.7)
    found = gaussian_chain.account(1.0, *noises)
    assert sum(gaussian_chain.term_bar(bar, *noises) for bar in range(5)) == pytest.approx(found.information_bound)
    assert [gaussian_chain.total_bar(bar, *noises) for bar in (5, 6)] == [found.information_bound, found.information]
    for bar, function in ((5, gaussian_chain.term_bar), (4, gaussian_chain.total_bar), (7, gaussian_chain.total_bar)):
        with pytest.raises(ValueError, match=f"bar = {bar}"):
            function(bar)


def test_lemma_45_depends_on_the_unit():
    """Ten times finer data in the Gaussian chain: no information changes, and the statement does."""
    scales = {"anchor": 1.0, "prompt_noise": 0.5, "model_noise": 1.0, "curation_noise": 0.5, "learner_noise": 0.1}
    coarse, fine = (gaussian_chain.account(**{name: unit * x for name, x in scales.items()}) for unit in (1.0, 0.1))
    assert coarse.information == pytest.approx(fine.information)
    assert coarse.information_bound > coarse.information
    assert fine.information_bound < fine.information


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gaussian_chain.account(model_noise=0.0), "model_noise = 0"),
        (lambda: gaussian_chain.account(correlation=1.0), "correlation = 1"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
