"""Exact errors of learners, by hand and by brute force."""

import itertools
import math

import numpy as np
import pytest

from lib import seeds
from lib.experiments.reverse_bottleneck import learners
from lib.experiments.reverse_bottleneck.worlds import CURATIONS, finite_world
from lib.theory.reverse_bottleneck import finite_chain

COIN = {
    "anchor": [0.5, 0.5],
    "prompt": [[1.0, 0.0], [0.0, 1.0]],
    "model": [[1.0]] * 2,
    "h": [0, 1],
    "g": [0],
    "curation": [[[1.0, 0.0], [0.0, 1.0]]] * 2,
    "learner": [[1.0], [1.0]],
    "anchor_learner": [[1.0], [1.0]],
}
PARITY = COIN | {"model": [[0.5, 0.5]] * 2, "g": [0, 1], "curation": [np.eye(3).tolist()] * 2}


def test_random_learners():
    rng = seeds.rng(0, "test")
    found = [learners.random_learner(rng, 3, 2) for _ in range(60)]
    assert all(np.shape(each["losses"]) == (2, 3) for each in found)
    assert all(np.min(each["losses"]) >= 0 and np.max(each["losses"]) <= 1 for each in found)
    assert all(0.01 <= each["strength"] <= 100 for each in found)
    same = [np.array_equal(each["scores"], each["losses"]) for each in found]
    opposite = [np.array_equal(each["scores"], np.negative(each["losses"])) for each in found]
    assert 0 < sum(same) < 60
    assert 0 < sum(opposite) < 60 - sum(same)


def test_errors_keep_the_bounds_that_are_proved():
    found = learners.errors(0, 0, 60)
    gap, absolute, bound, corrected = (np.array(column) for column in found.values())
    assert (gap <= bound + 1e-12).all()
    assert (gap <= absolute + 1e-12).all()
    assert (absolute <= corrected + 1e-12).all()
    assert (absolute > bound).any()
    assert learners.errors(0, 30, 4) == {name: column[30:34] for name, column in found.items()}


def test_parity_by_hand():
    wrong = [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    found = learners.data_set(PARITY, 1, {"losses": wrong, "scores": wrong, "strength": 1e5}, [0.25, 0.5, 0.25])
    # the learner answers with the parity it saw: no training error, and a fair coin at the test
    assert found["gap"] == pytest.approx(0.5)
    assert found["error"] == pytest.approx(0.5)
    assert found["information"] == pytest.approx(math.log(2))
    assert found["information bound"] == pytest.approx(math.log(2) / 2)  # H(e_p | M)
    assert found["lemma 4.6"] == pytest.approx(0.5 * math.sqrt(math.log(2)))
    assert found["by the exact information"] == pytest.approx(0.5 * math.sqrt(2 * math.log(2)))


def test_constant_model_by_hand():
    constant = {"losses": [[0.0, 1.0]], "scores": [[0.0, 0.0]], "strength": 0.0}
    found = learners.data_set(COIN, 1, constant, [0.5, 0.5])
    assert found["error"] == pytest.approx(0.5)
    assert found["theorem 4.7"] == pytest.approx(0.0, abs=1e-6)
    assert found["divergences"] == 0
    assert found["with ln 2"] == pytest.approx(0.5 * math.sqrt(2 * math.log(2)))
    assert found["lemma 4.6 with ln 2"] == pytest.approx(found["with ln 2"])  # there is no divergence
    assert [found["gap"], found["absolute gap"], found["lemma 4.6"]] == pytest.approx([0, 0.5, 0])
    shifted = learners.data_set(COIN, 2, constant, [1.0, 0.0])
    assert shifted["divergences"] == pytest.approx(0.5)
    assert shifted["error"] == pytest.approx(0.5)  # the mean of two fair bits


def test_two_ways_to_the_information():
    found = learners.data_sets(0, 0, 12)
    np.testing.assert_allclose(found["information"], found["account information"], atol=1e-7)
    bounds = np.array(found["information bound"])
    expected = 0.5 * np.sqrt(2 * bounds.clip(0) / np.resize([1, 2], 12))
    np.testing.assert_allclose(found["lemma 4.6"], expected, atol=1e-12)
    np.testing.assert_allclose(np.subtract(found["theorem 4.7"], found["divergences"]), expected, atol=1e-12)
    assert learners.data_sets(0, 7, 2) == {name: column[7:9] for name, column in found.items()}


def test_output_law():
    rng = seeds.rng(1, "test")
    for curation in CURATIONS:
        world = finite_world(rng, curation=curation, noisy_prompt=True, dependent=True)
        law = learners.output_law(world)
        assert law.sum() == pytest.approx(1)
        assert finite_chain.entropy(law) == pytest.approx(finite_chain.entropies(world)["M"])
    assert learners.output_law(PARITY).tolist() == [0.25, 0.5, 0.25]


def test_gibbs_table_by_hand():
    learner = {"scores": [[0.0, 1.0], [0.5, 0.0]], "strength": 2.0}
    table = learners.gibbs_table(learner, 2, 2)
    for row, (one, two) in zip(table, itertools.product(range(2), repeat=2), strict=True):
        weights = [math.exp(-2 * (score[one] + score[two])) for score in learner["scores"]]
        assert row == pytest.approx([weight / sum(weights) for weight in weights])


def test_commonest_of_two_labels():
    p, q = 0.7, 0.3
    assert learners.commonest([p, q], 1) == pytest.approx([p, q])
    assert learners.commonest([p, q], 2) == pytest.approx([p, q])  # ties are shared
    assert learners.commonest([p, q], 3)[0] == pytest.approx(p**3 + 3 * p**2 * q)
    assert learners.commonest([0.2, 0.3, 0.5], 4).sum() == pytest.approx(1)
    with pytest.raises(ValueError, match="n = 9"):
        learners.commonest([p, q], 9)


def test_answers_at_a_temperature():
    logits = [2.0, 1.0, 0.5, 0.0]
    answers = np.exp(np.array(logits) / 2)
    answers /= answers.sum()
    one = learners.at_temperature(2.0, logits, n=1)  # the model repeats the answer that it saw
    assert one.risk == pytest.approx(1 - answers[0])
    assert one.information == pytest.approx(finite_chain.entropy(answers))
    world = COIN | {"anchor": [1.0], "prompt": [[1.0]], "model": [answers.tolist()], "h": [0], "g": [0, 1, 2, 3]}
    world |= {"curation": [np.eye(4).tolist()], "learner": [[1.0]] * 4, "anchor_learner": [[1.0]]}
    assert one.gain == pytest.approx(finite_chain.account(world).gain)
    five = learners.at_temperature(2.0, logits)
    assert five.risk == pytest.approx(1 - learners.commonest(answers, 5)[0])
    assert learners.at_temperature(1e-3, logits).risk == pytest.approx(0, abs=1e-12)
    with pytest.raises(ValueError, match="temperature = 0"):
        learners.at_temperature(0, logits)
