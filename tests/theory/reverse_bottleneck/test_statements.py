"""Each statement of Section 4, by hand and on random worlds of both kinds."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reverse_bottleneck_cases import LN2, PARITY, ROUNDING

from lib.experiments.reverse_bottleneck.worlds import CURATIONS, finite_world, gaussian_world
from lib.theory.reverse_bottleneck import bounds, finite_chain, gaussian_chain, statements


def test_account_by_hand():
    found = finite_chain.account(PARITY)
    expected = {
        "gain": LN2,  # M tells nothing new but e_M
        "bottleneck": 0.0,  # parity is independent of either bit
        "entropy_model": LN2,
        "prompt_loss": LN2 / 2,  # e_p is unknown where M = 1, half of the time
        "curation_loss": 0.0,
        "information": LN2,
        "information_bound": LN2 / 2,
        "synergy": LN2,
        "information_anchor": LN2,
        "ggmi": 0.0,
    }
    for name, value in expected.items():
        assert getattr(found, name) == pytest.approx(value, abs=1e-12), name
    assert bounds.ggmi(0.7, 0.2) == pytest.approx(0.5)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), curation=st.sampled_from(CURATIONS), noisy=st.booleans(), dependent=st.booleans())
def test_steps(seed, curation, noisy, dependent):
    """Which steps of the proofs hold in every finite world, and the exact condition of those that do not."""
    world = finite_world(np.random.default_rng(seed), curation=curation, noisy_prompt=noisy, dependent=dependent)
    h = finite_chain.entropies(world)
    steps, account = statements.steps(h), statements.account(h)
    assert steps.eq_18 >= -ROUNDING
    assert steps.lemma_e2 >= -ROUNDING
    assert steps.eq_15 == steps.eq_28
    if curation in ("none", "map"):
        assert steps.eq_15 >= -ROUNDING
    if not dependent:
        assert abs(steps.eq_23) <= ROUNDING
    assert steps.eq_23 <= ROUNDING  # it takes I(e_p; M) for the smaller I(h; M)
    if noisy and not dependent:
        assert steps.eq_29 <= ROUNDING  # the data processing inequality, read backwards
    if not noisy:
        assert steps.eq_29 >= -ROUNDING
    if curation != "rejection":  # there S looks at the prompt again, and no chain is left
        assert steps.eq_19 >= -ROUNDING
        assert steps.eq_20 >= -ROUNDING
        assert steps.eq_16 <= ROUNDING  # again backwards: S stands between M and W
        assert steps.eq_21 == pytest.approx(-account.synergy, abs=ROUNDING)
        condition = (
            (h["PM"] - h["M"])  # H(e_p | M)
            + (h["Q"] - h["G"])  # H(e_M | g)
            + (h["H"] + h["G"] - h["HG"])  # I(h; g)
            - account.factor_synergy
        )
        assert steps.lemma_45 == pytest.approx(condition, abs=ROUNDING)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), dependent=st.booleans())
def test_gaussian_steps(seed, dependent):
    s = gaussian_world(np.random.default_rng(seed), dependent=dependent)
    h = gaussian_chain.entropies(**s)
    steps, account = statements.steps(h), statements.account(h)
    assert steps.eq_15 <= ROUNDING
    assert steps.eq_16 <= ROUNDING
    assert steps.eq_21 == pytest.approx(-account.synergy, abs=1e-8)
    # independent factors, one number of both: each explains the other away
    assert dependent or account.synergy >= -ROUNDING
    assert steps.theorem_410 == pytest.approx(steps.eq_28 + steps.eq_29, abs=1e-8)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), curation=st.sampled_from(CURATIONS), noisy=st.booleans(), dependent=st.booleans())
def test_slack_of_theorem_410(seed, curation, noisy, dependent):
    """``[H(M) - H(S)] + [I(A; M) - I(h; M)]``, whatever both models do; and the printed formula with its alpha."""
    rng = np.random.default_rng(seed)
    world = finite_world(rng, curation=curation, noisy_prompt=noisy, dependent=dependent)
    h = finite_chain.entropies(world)
    found = statements.account(h)
    slack = (h["M"] - h["S"]) + (h["A"] - h["AM"]) - (h["H"] - h["HM"])
    assert found.ggmi_bound - found.ggmi == pytest.approx(slack, abs=ROUNDING)
    other = world | {
        "learner": rng.dirichlet(np.ones(2), len(world["learner"])).tolist(),
        "anchor_learner": rng.dirichlet(np.ones(2), len(world["anchor"])).tolist(),
    }
    changed = finite_chain.account(other)
    assert changed.ggmi_bound - changed.ggmi == pytest.approx(slack, abs=ROUNDING)
    given_w = h["AW"] - h["W"]
    if given_w > 1e-6:
        printed = bounds.ggmi_bound(
            found.gain, (h["AV"] - h["V"]) / given_w, given_w, h["A"], h["S"], h["SW"] - h["W"], h["AM"] - h["M"]
        )
        assert printed == pytest.approx(found.ggmi_bound, abs=1e-7)
    s = gaussian_world(rng)
    names = ("prompt_noise", "model_noise", "curation_noise", "learner_noise")
    by_formula = gaussian_chain.ggmi_slack(*(s[name] for name in names))
    variance_m = 1 + s["prompt_noise"] ** 2 + s["model_noise"] ** 2
    by_hand = 0.5 * math.log(variance_m / (variance_m + s["curation_noise"] ** 2))
    by_hand += 0.5 * math.log(variance_m / (variance_m - 1)) - 0.5 * math.log(variance_m / s["model_noise"] ** 2)
    assert by_formula == pytest.approx(by_hand, abs=1e-8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: statements.account({}), "entropies lack"),
        (lambda: statements.account(dict.fromkeys(statements.GROUPS, math.inf)), "entropies\\['A'\\] = inf"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
