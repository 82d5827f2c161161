"""Steps of the proofs in random worlds: identities, and inequalities that every world must keep."""

import numpy as np
import pytest

from lib import seeds
from lib.experiments.reverse_bottleneck import accounts
from lib.experiments.reverse_bottleneck.worlds import finite_world
from lib.theory.reverse_bottleneck import finite_chain, statements

FINITE, GAUSSIAN = accounts.finite(0, 0, 64), accounts.gaussian(0, 0, 40)


@pytest.mark.parametrize("found", [FINITE, GAUSSIAN], ids=["finite", "Gaussian"])
def test_inequalities_that_always_hold(found):
    for name in ("eq_19", "eq_20"):  # data processing
        assert accounts.step(found["steps"], name).min() > -1e-9
    np.testing.assert_allclose(accounts.step(found["steps"], "eq_21"), -np.array(found["synergy"]), atol=1e-9)


def test_finite_worlds_of_each_kind():
    steps = np.array(FINITE["steps"])
    np.testing.assert_allclose(accounts.step(steps, "lemma_45"), FINITE["condition"], atol=1e-9)
    assert accounts.step(steps[::2], "eq_29").min() > -1e-9  # prompts without noise of their own
    assert accounts.step(steps[1::2], "eq_29").min() < -0.01
    independent = np.arange(64) % 4 < 2
    assert np.array(FINITE["synergy"])[independent].min() > -1e-9  # I(h; g | W) less 0
    assert np.array(FINITE["synergy"])[~independent].min() < -0.01
    curation = np.arange(64) // 8 % 4
    np.testing.assert_allclose(accounts.step(steps, "eq_15")[curation == 0], 0, atol=1e-9)  # none
    assert accounts.step(steps, "eq_15")[curation == 1].min() > -1e-9  # a map
    assert accounts.step(steps, "eq_15")[curation == 2].max() < 1e-9  # noise


def test_a_worlds_number_is_its_stream():
    part = accounts.finite(0, 20, 3)
    assert part == {name: column[20:23] for name, column in FINITE.items()}
    assert accounts.finite(1, 0, 3) != accounts.finite(0, 0, 3)
    assert accounts.gaussian(0, 5, 2) == {name: column[5:7] for name, column in GAUSSIAN.items()}


def test_a_model_that_remembers_all_keeps_the_lemma():
    assert min(accounts.remembering(0, 0, 30)["slack"]) > -1e-9


def test_step_by_name():
    rows = [list(range(12)), list(range(12, 24))]
    assert accounts.step(rows, "eq_16").tolist() == [1, 13]
    assert accounts.step(rows, statements.Steps._fields[-1]).tolist() == [11, 23]
    with pytest.raises(ValueError, match="name = 'eq_99' is no step"):
        accounts.step(rows, "eq_99")


@pytest.mark.parametrize("kind", ["none", "noise", "channel"])
def test_the_chain_by_enumeration(kind):
    world = finite_world(seeds.rng(3, "test", kind), curation=kind, noisy_prompt=True, dependent=True)
    prompts = np.array(world["anchor"]) @ np.array(world["prompt"])
    joint = np.zeros((len(world["g"]), len(world["curation"][0]), len(world["learner"][0])))  # P(q, m, w)
    for p, row in enumerate(world["model"]):
        for q, chance in enumerate(row):
            m = world["h"][p] + world["g"][q]
            joint[q, m] += prompts[p] * chance * np.array(world["curation"][p][m]) @ np.array(world["learner"])

    def entropy(table):
        return -(table[table > 0] * np.log(table[table > 0])).sum()

    given = entropy(joint.sum(2)) + entropy(joint.sum(1)) - entropy(joint) - entropy(joint.sum((1, 2)))
    found = accounts.of_the_prompt(finite_chain.entropies(world))
    assert found["chain"] == pytest.approx(given, abs=1e-12)
    assert found["H(e_p)"] == pytest.approx(entropy(prompts))
    assert 0 < found["I(e_p; M)"] <= found["H(e_p)"]


def test_least_lambda():
    found = accounts.least_lambda([0.6, 0.6, 0.6, 0.0], [0.2, 0.6, 0.0, 0.0])
    assert found.tolist() == [pytest.approx(3), 1, np.inf, 1]


def test_remarks_1_and_3_speak_of_nearly_one_number():
    assert np.abs(FINITE["remarks 1 and 3"]).max() < 1e-9
    assert min(FINITE["chain"]) > -1e-9
