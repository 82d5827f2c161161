"""Fitted models against the exact values of their sources, and exact values against sums over all cases."""

import itertools
import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, mutual_info_score

from lib import seeds
from lib.experiments.usable_information import known_sources as sources
from lib.models.mixtures import two_classes
from lib.theory import usable_information as theory

DRAW = {"n_train": 1000, "n_test": 4000}


def mixture(distance=3.0, dimension=4, count=5000):
    mean = sources.even_mean(distance, dimension)
    generator = seeds.generator(0, "test", distance)
    return mean, two_classes.draw_mixture(count, torch.as_tensor(mean), 1.0, generator=generator, dtype=torch.float64)


def test_held_out_against_scikit_learn():
    _, (x, y) = mixture()
    fit = sources.held_out(x, y, 1000)
    peer = LogisticRegression(C=1 / (1000 * sources.RIDGE), fit_intercept=False, tol=1e-10, max_iter=1000)
    peer.fit(x[:1000], y[:1000])
    assert fit.weights.tolist() == pytest.approx(peer.coef_[0].tolist(), rel=1e-3)
    loss = log_loss(y[1000:], peer.predict_proba(x[1000:]))
    assert fit.bits.value == pytest.approx(1 - loss / math.log(2), abs=1e-5)
    assert fit.accuracy == pytest.approx(peer.score(x[1000:], y[1000:]), abs=1e-3)


def test_population_is_what_held_out_estimates():
    mean, (x, y) = mixture(count=60_000)
    bits, _, weights = sources.held_out(x, y, 1000)
    assert bits.value == pytest.approx(sources.population(weights, mean, 1.0), abs=4 * bits.standard_error)
    assert bits.standard_error < 0.01
    assert sources.population(torch.zeros(4, dtype=torch.float64), mean, 1.0) == pytest.approx(0, abs=1e-12)
    best = sources.population(2 * torch.as_tensor(mean), mean, 1.0)  # Bayes' log-odds are 2 mean . x / noise^2
    assert best == pytest.approx(theory.mixture_shannon_information(3.0, 1.0), abs=1e-9)


def test_means_are_as_far_apart_as_said():
    assert 2 * np.linalg.norm(sources.even_mean(3.0, 16)) == pytest.approx(3)
    front = sources.front_mean(3.0, 16, 4)
    assert 2 * np.linalg.norm(front) == pytest.approx(3)
    assert front.shape == (16,)
    assert (front[:4] > 0).all()
    assert not front[4:].any()


def test_fits():
    arguments = {"seed": 0, "distance": 3.0, "noise": 1.0, "dimension": 6, "seen_counts": [1, 6], **DRAW}
    found = sources.fits(stream=["separation", 0], **arguments)
    assert [fit["seen"] for fit in found] == [1, 6]
    for fit in found:
        assert fit["best"] == theory.mixture_v_information(3.0, 1.0, 6, fit["seen"])
        assert 0 < fit["best"] - fit["own"] < 0.02  # a fit falls short of the best of V, by about seen / (2 n ln 2)
        assert abs(fit["bits"] - fit["own"]) < 4 * fit["error"]
        assert fit["accuracy"] == pytest.approx(theory.mixture_accuracy(3.0, 1.0, 6, fit["seen"]), abs=0.04)
    assert found == sources.fits(stream=["separation", 0], **arguments)
    assert found != sources.fits(stream=["separation", 1], **arguments)


def test_seen_through():
    mean, whole = sources.front_mean(3.0, 6, 2), theory.mixture_shannon_information(3.0, 2.0)
    assert sources.seen_through(np.eye(6), mean, 2, 2.0) == pytest.approx(whole)
    assert sources.seen_through(np.eye(6), mean, 1, 2.0) == pytest.approx(theory.mixture_v_information(3.0, 2.0, 2, 1))
    assert sources.seen_through(np.zeros((6, 6)), mean, 2, 2.0) == pytest.approx(0)
    shift = np.eye(6)[[1, 2, 3, 4, 5, 0]]
    assert sources.seen_through(shift, mean, 2, 2.0) == pytest.approx(theory.mixture_v_information(3.0, 2.0, 2, 1))
    scaled = np.diag([5.0, 0.1, 1, 1, 1, 1])  # one-to-one on what V sees: nothing changes
    assert sources.seen_through(scaled, mean, 2, 2.0) == pytest.approx(whole)
    mixed = np.random.default_rng(0).normal(size=(6, 6))  # the Gaussian formula with an inverse
    covariance = 4.0 * (mixed @ mixed.T)[:2, :2]
    m = math.sqrt((mixed @ mean)[:2] @ np.linalg.inv(covariance) @ (mixed @ mean)[:2])
    assert sources.seen_through(mixed, mean, 2, 2.0) == pytest.approx(theory.mixture_v_information(2 * m, 1, 1, 1))


def test_permutation():
    world = {"separation": 3.0, "noise": 1.0, "dimension": 6, "kept": 2, "pair_counts": [0, 3, 6], **DRAW}
    found = [sources.permutation(seed=0, number=r, **world) for r in range(6)]
    whole = theory.mixture_shannon_information(3.0, 1.0)
    levels = [theory.mixture_v_information(3.0, 1.0, 2, j) for j in range(3)]
    for each in found:
        assert min(abs(each["permuted"] - level) for level in levels) < 1e-9
        assert each["restored"] == pytest.approx(whole)
        assert each["gain"] == pytest.approx(whole - each["permuted"], abs=0.06)
        assert each["exact"][0] == each["fitted"][0] == 0
        assert each["exact"][2] == pytest.approx(whole)  # as many pairs as coordinates undo the permutation
        assert each["fitted"] == pytest.approx(each["exact"], abs=0.06)
    assert len({each["exact"][1] for each in found}) > 1


def test_average_use_over_all_permutations():
    world = {"separation": 3.0, "noise": 1.0, "dimension": 6, "kept": 2}
    mean = sources.front_mean(3.0, 6, 2)
    for width in (1, 2, 4):
        seen = [
            sources.seen_through(np.eye(6)[list(order)], mean, width, 1.0) for order in itertools.permutations(range(6))
        ]
        assert sources.average_use(width=width, **world) == pytest.approx(np.mean(seen), abs=1e-9)
    assert sources.average_use(width=6, **world) == pytest.approx(theory.mixture_shannon_information(3.0, 1.0))


def test_product_of_signs():
    of_signs, of_product = sources.product_of_signs(seed=0, n_train=1000, n_test=2000)
    assert abs(of_signs.value) < 0.01
    assert of_product.value == pytest.approx(1, abs=1e-3)


def test_two_kinds():
    bits, accuracy, _ = sources.erased_fit(seed=0, e=0.4, n_train=1000, n_test=40_000)
    assert accuracy == pytest.approx(0.8, abs=4 * 0.4 * 0.5 / 200)  # the erased half right exactly: n_test e / 2
    assert bits.value == pytest.approx(0.6, abs=4 * bits.standard_error + 1e-3)
    bits, accuracy, _ = sources.mixture_fit(seed=0, m=1.0, noise=2.0, dimension=3, n_train=2000, n_test=40_000)
    assert bits.value == pytest.approx(theory.mixture_v_information(2.0, 1, 1, 1), abs=4 * bits.standard_error + 2e-3)
    assert accuracy == pytest.approx(theory.mixture_accuracy(2.0, 1, 1, 1), abs=0.01)


def test_scores_of_noise_can_be_looked_up():
    found = sources.scores_of_noise(seed=0, count=3000, dimension=5, noise=1.0)
    assert found["scores"] == pytest.approx(found["labels"], abs=1e-9)
    assert found["labels"] > 0.99
    assert 0 <= found["decisions"] < 0.005
    assert found["decisions"] - found["corrected"] == pytest.approx(1 / (2 * 3000 * math.log(2)))


def test_table_of_counts():
    row, positive = torch.tensor([0, 2, 2, 1, 2]), torch.tensor([True, False, True, True, True])
    table = sources._table(row, positive)
    assert table == [[0, 1], [0, 1], [1, 2]]
    peer = mutual_info_score(row, positive) / math.log(2)
    assert theory.plugin_information(table).bits == pytest.approx(peer)


def test_small_sets():
    world = {"seed": 0, "repeats": 40, "separation": 2.0, "noise": 1.0, "dimension": 5}
    few, many = (sources.small_sets(count=count, shuffled=False, **world) for count in (15, 1000))
    whole = theory.mixture_shannon_information(2.0, 1.0)
    assert few[0].value < many[0].value < whole
    assert many[0].value == pytest.approx(whole, abs=0.01)
    assert few[1] < many[1] < theory.mixture_accuracy(2.0, 1.0, 5, 5)
    bits, accuracy = sources.small_sets(count=50, shuffled=True, **world)
    assert accuracy == 0.5
    assert bits.value < -3 * bits.standard_error < 0  # overconfident about nothing
