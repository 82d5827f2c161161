"""lib.experiments.random_matrices.safety_findings: on made-up draws whose answers are known, and the spectrum on toy answers."""

import json

import numpy as np
import pytest
import torch

from lib import paths
from lib.array_theory.given_covariance import ridge_given
from lib.datasets.source import Source
from lib.experiments.random_matrices import safety_answers
from lib.experiments.random_matrices import safety_findings as findings
from lib.theory.random_matrices.given_spectrum import ridge_on_spectrum

PUBLISHED = json.loads((paths.ROOT / "data/published/random-matrices.json").read_text())


def draw(shift):
    """Accuracies 0.5, 0.6 + shift of all kinds but generated rows; theory 0.5, 0.65."""
    same = {v: [0.5, 0.6 + shift] for v in safety_answers.VERIFIERS}
    line = {v: [0.5, 0.65] for v in safety_answers.VERIFIERS}
    measured = {v: {"epsilon": 0.2 + shift, "phi": 0.9, "psi": 0.1} for v in safety_answers.VERIFIERS}
    lines = {"theory": line, "theory of generated": line}
    own = same | {"own": [0.5, 0.7]}
    return {"sizes": [0, 10], "measured": measured, "labelled": own, "at random": same, "generated": same} | lines


FOUND = [draw(0.0), draw(0.02)]


def test_gains():
    assert findings.gain(FOUND, "at random", "weak") == pytest.approx((0.11, 0.01))
    assert findings.gain_less_theory(FOUND, "labelled", "weak") == pytest.approx((-0.04, 0.01))
    assert findings.shares(FOUND)["oracle"]["epsilon"] == pytest.approx((0.21, 0.01))
    measured = findings.claims_on_text(FOUND)
    assert measured["random-matrices/own-verifier"]["above none"] == pytest.approx((0.09, 0.01))
    worth = findings.verifier_worth(FOUND)
    assert worth["own"] == measured["random-matrices/own-verifier"]["above none"]
    assert set(worth) == set(findings.VERIFIERS) - {"none"}
    ends = [draw["labelled"]["weak"][-1] - draw["labelled"]["none"][-1] for draw in FOUND]
    assert worth["weak"].value == pytest.approx(sum(ends) / len(ends))
    assert measured["random-matrices/theory-on-text"]["level"] == pytest.approx((0, 0))


def test_curves():
    row = next(r for r in findings.curves(FOUND) if (r["rows"], r["verifier"], r["m"]) == ("at random", "none", 10))
    assert (row["accuracy"], row["theory"], row["gap"]) == pytest.approx((0.61, 0.65, -0.04))
    assert (row["standard error"], row["gap's standard error"]) == pytest.approx((0.01, 0.01))
    assert len(findings.curves(FOUND)) == 3 * 4 * 2


def test_published_points():
    ratio, value = findings.published_points(PUBLISHED, "fig9_llama", "green")
    assert ratio[[0, 1]] == pytest.approx([0, 2 / 3])
    assert value[[0, -1]] == pytest.approx([70.6, 76.1], abs=0.01)


def test_gain_of_a_parabola_has_no_spread():
    ratio = np.array([0, 1, 2, 4, 9])
    exact = {"one": {"markers": {"red": np.stack([ratio / (1 + ratio), 60 + ratio - 0.02 * ratio**2], 1).tolist()}}}
    found = findings.published_gain(exact, "one", "red")
    assert found.value == pytest.approx(9 - 0.02 * 81)
    assert found.standard_error < 1e-9


def test_spread_is_that_of_the_noise():
    """Over many drawn curves the mean square error is twice the noise's variance: 2 times 1, 3 degrees of freedom each."""
    rng, ratio = np.random.default_rng(0), np.arange(6) * 1.4
    errors = []
    for _ in range(2000):
        value = 70 + rng.normal(size=6)
        one = {"one": {"markers": {"red": np.stack([ratio / (1 + ratio), value], 1).tolist()}}}
        errors.append(findings.published_gain(one, "one", "red").standard_error ** 2)
    assert np.mean(errors) == pytest.approx(2, abs=0.15)  # four standard errors: 2 sqrt(2/3/2000)


def test_binomial_error():
    assert findings.binomial_error(50, 100) == pytest.approx(5)


def test_claims_have_the_published_ends():
    found = findings.claims_on_published(PUBLISHED)
    assert found["random-matrices/figure-8-points"]["strong, 0.1"].value == pytest.approx(33, abs=0.05)
    assert found["random-matrices/figure-9-points"]["weak, gemma"].value == pytest.approx(-6.3, abs=0.05)


def test_spectrum():
    design = {
        "text": "answer",
        "columns": 10,
        "test_share": 0.3,
        "real": 50,
        "labeller": 40,
        "verifier": 40,
        "pool": 100,
        "gamma": 1.0,
    }
    source = Source("toy-safety", count=500)
    every = torch.cat(safety_answers.split(source, design, seed=1)[:4])
    mean, covariance = safety_answers.moments(every, 1.0)
    assert covariance.numpy() == pytest.approx(np.cov(every.numpy().T, bias=True))
    covariance = covariance.numpy()
    setting = {"n": 50, "m": 100, "gamma": 1.0, "epsilon": 0.3, "psi": 0.4, "phi": 0.8}
    known = ridge_given(mean.numpy(), covariance, mean.numpy(), covariance, **setting)
    found = ridge_on_spectrum(**findings.spectrum(1, source, design), **setting)
    assert found.accuracy == pytest.approx(known.accuracy, abs=1e-5)  # six digits of each number
