"""Learners that keep more or less of their data, from the task or from a generator."""

import numpy as np
import pytest

from lib import seeds
from lib.experiments.reverse_bottleneck import advice
from lib.experiments.reverse_bottleneck.worlds import finite_world
from lib.theory.reverse_bottleneck import finite_chain, finite_learner


@pytest.mark.parametrize("kinds", [2, 3])
@pytest.mark.parametrize("strength", [0.0, 3.0, 80.0])
def test_learned_against_the_enumerated_learner(kinds, strength):
    rng = seeds.rng(kinds, "test")
    source, losses = rng.dirichlet(np.ones(kinds)), rng.uniform(size=(3, kinds))
    of = advice.learned(source, source, losses, strength, 4)
    scores = losses.tolist()
    expected = finite_learner.generalization(source.tolist(), source.tolist(), scores, scores, 4, strength)
    assert of.risk - of.training == pytest.approx(expected.gap, abs=1e-12)
    assert of.information == pytest.approx(expected.information, abs=1e-12)


def test_strength_lowers_the_training_loss():
    # the derivative of a Gibbs mean by the strength is minus a variance
    rng = seeds.rng(4, "test")
    source, losses = rng.dirichlet(np.ones(3)), rng.uniform(size=(3, 3))
    training = [advice.learned(source, source, losses, each, 5).training for each in (0.0, 1.0, 10.0, 100.0)]
    assert (np.diff(training) < 0).all()


def test_learned_by_hand():
    # at strength 0 each of two models is picked half the time; the task holds kind 0 alone
    of = advice.learned([1.0, 0.0], [0.5, 0.5], np.array([[0.0, 1.0], [1.0, 1.0]]), 0.0, 2)
    assert of == pytest.approx((0.5, 0.75, 0.0))
    with pytest.raises(ValueError, match="kinds = 4"):
        advice.learned([0.25] * 4, [0.25] * 4, np.zeros((2, 4)), 1.0, 2)


def test_compression():
    found = {name: np.array(column) for name, column in advice.compression(0, 0, 60).items()}
    assert found["gap"].min() < 0 < found["gap"].max()
    # E|change| of a loss in [0, 1]; information of one of three models
    assert np.abs(found["risk"]).max() <= 1
    assert np.abs(found["information"]).max() <= np.log(3)
    assert found["information"].mean() < 0  # less strength, less information, on average
    assert advice.compression(0, 7, 2) == {name: column[7:9].tolist() for name, column in found.items()}


def test_few_or_many():
    found = {name: np.array(column) for name, column in advice.few_or_many(0, 0, 60).items()}
    distance = found["second term"] - found["bound"]
    assert ((distance >= 0) & (distance <= 1)).all()  # a total variation
    assert found["risk"].min() < 0 < found["risk"].max()
    assert advice.few_or_many(0, 7, 2) == {name: column[7:9].tolist() for name, column in found.items()}


def test_relevance_moves_bound_and_gain_alike():
    found = {name: np.array(column) for name, column in advice.anchor_relevance(0, 0, 40).items()}
    # the bound less the gain is free of W, and only H(S | W) of the bound's terms does not cancel
    np.testing.assert_allclose(found["bound"], found["H(S | W)"], atol=1e-9)
    np.testing.assert_allclose(found["bound"], found["GGMI"], atol=1e-9)
    world = finite_world(seeds.rng(0, "test"), curation="none")
    entropies = finite_chain.entropies(world)
    assert advice._relevance(entropies)[0] == pytest.approx(entropies["AW"] - entropies["W"])
