"""Learners on a finite alphabet: against all sequences, and within the bounds."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reverse_bottleneck_cases import finite_learner

from lib.theory.reverse_bottleneck import bounds
from lib.theory.reverse_bottleneck import finite_learner as finite_learner_of_theory


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_lemma_31(seed):
    rng = np.random.default_rng(seed)
    truth, model, synthetic, sample = rng.dirichlet(np.full(5, 0.5), 4)
    losses = rng.uniform(0, 3, 5)
    divergence = finite_learner_of_theory.total_variation(truth.tolist(), model.tolist())
    divergence += finite_learner_of_theory.total_variation(model.tolist(), synthetic.tolist())
    assert abs(losses @ (truth - sample)) <= 3 * divergence + abs(losses @ (synthetic - sample)) + 1e-12
    assert finite_learner_of_theory.total_variation([1.0, 0.0], [0.0, 1.0]) == 1
    # with a loss of either sign, C = 1: the errors differ by 2 C where the distributions differ wholly
    assert np.array([1, -1]) @ np.array([1, -1]) == 2


def test_generalization_by_enumeration():
    """Against all sequences of examples, one by one."""
    rng = np.random.default_rng(5)
    for kinds, models, n, strength in ((2, 2, 5, 3.0), (3, 2, 4, 1.0), (2, 3, 3, 0.0), (3, 4, 3, 1e6)):
        truth, source = rng.dirichlet(np.ones(kinds), 2)
        losses, scores = rng.uniform(size=(2, models, kinds))
        joint, gaps, shifted = [], [], []
        for sample in itertools.product(range(kinds), repeat=n):
            energy = strength * scores[:, sample].sum(1)
            pick = np.exp(energy.min() - energy)
            joint.append(source[list(sample)].prod() * pick / pick.sum())
            gaps.append(losses @ source - losses[:, sample].mean(1))
            shifted.append(losses @ truth - losses[:, sample].mean(1))
        joint, gaps = np.array(joint), np.array(gaps)
        product = joint.sum(1, keepdims=True) * joint.sum(0)
        found = finite_learner_of_theory.generalization(
            truth.tolist(), source.tolist(), losses.tolist(), scores.tolist(), n, strength
        )
        assert found.gap == pytest.approx((joint * gaps).sum(), abs=1e-12)
        assert found.absolute_gap == pytest.approx((joint * abs(gaps)).sum(), abs=1e-12)
        assert found.shifted == pytest.approx((joint * abs(np.array(shifted))).sum(), abs=1e-12)
        positive = joint > 0
        assert found.information == pytest.approx(
            (joint[positive] * np.log(joint[positive] / product[positive])).sum(), abs=1e-10
        )


@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 10**6))
def test_finite_learners_keep_the_bound(seed):
    """Lemma 4.4 as a theorem of Xu and Raginsky, sigma = 1/2 for losses in [0, 1]; and the bound of the absolute value."""
    arguments = finite_learner(np.random.default_rng(seed))
    found = finite_learner_of_theory.generalization(**arguments)
    terms = (0, 1.0, 0.5, arguments["n"], found.information)
    assert abs(found.gap) <= bounds.generalization_bound(*terms) + 1e-12
    assert found.absolute_gap <= bounds.absolute_generalization_bound(*terms) + 1e-12


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10**6), depth=st.integers(0, 6), flip=st.floats(0, 1))
def test_layers_contract(seed, depth, flip):
    rng = np.random.default_rng(seed)
    arguments = finite_learner(rng)
    losses = rng.uniform(size=(len(arguments["losses"]), 2)).tolist()
    arguments |= {"losses": losses, "scores": losses, "truth": [0.5, 0.5], "source": rng.dirichlet([1, 1]).tolist()}
    seen = finite_learner_of_theory.layered(losses, depth, flip)
    for before, after in zip(losses, seen, strict=True):
        assert np.ptp(after) == pytest.approx((1 - flip) ** depth * np.ptp(before), abs=1e-12)
    found = finite_learner_of_theory.generalization(**arguments | {"losses": seen})
    if flip < 1:
        bound = bounds.generalization_bound(depth, (1 - flip) ** 2, 0.5, arguments["n"], found.information)
        assert abs(found.gap) <= bound + 1e-12


def test_lemma_48_fails_for_a_model_that_ignores_its_data():
    coin = {
        "truth": [0.5, 0.5],
        "source": [0.5, 0.5],
        "losses": [[0.0, 1.0]],
        "scores": [[0.0, 0.0]],
        "n": 1,
        "strength": 0.0,
    }
    found = finite_learner_of_theory.generalization(**coin)
    assert (found.gap, found.absolute_gap, found.information) == (0, 0.5, 0)
    assert bounds.anchor_error_bound(0, 1.0, 0.5, 1, found.information) == 0
    assert bounds.absolute_generalization_bound(0, 1.0, 0.5, 1, found.information) >= 0.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: finite_learner_of_theory.total_variation([1.0], [0.5, 0.5]), "q = 2 probabilities for 1"),
        (lambda: finite_learner_of_theory.generalization([1.0], [1.0], [[0.0]], [[0.0, 1.0]], 1, 1.0), "do not fit"),
        (lambda: finite_learner_of_theory.layered([[0.0]], 1, 2.0), "flip = 2"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
