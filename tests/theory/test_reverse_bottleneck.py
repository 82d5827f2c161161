"""The reverse-bottleneck account: by hand, on samples, and each statement on random worlds of both kinds."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lib.experiments.reverse_bottleneck.worlds import CURATIONS, finite_world, gaussian_world
from lib.theory import finite_chain, gaussian_chain
from lib.theory import reverse_bottleneck as theory

LN2 = math.log(2)
ROUNDING = 1e-9  # of sums of a few thousand terms of order one
IDENTITY = [[1.0, 0.0], [0.0, 1.0]]
# fair bits e_p and e_M, M their sum, W its parity: the smallest world in which two factors tell more together than apart
PARITY = {
    "anchor": [0.5, 0.5],
    "prompt": IDENTITY,
    "model": [[0.5, 0.5]] * 2,
    "h": [0, 1],
    "g": [0, 1],
    "curation": [np.eye(3).tolist()] * 2,
    "learner": [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]],
    "anchor_learner": IDENTITY,
}


def independent_entropies(world):
    """All entropies from one array of joint probabilities, by sums over axes."""
    letters = "apqsw"
    joint = np.einsum(
        "a,ap,pq,pqs,sw->apqsw",
        world["anchor"],
        world["prompt"],
        world["model"],
        [
            [world["curation"][p][world["h"][p] + world["g"][q]] for q in range(len(world["g"]))]
            for p in range(len(world["h"]))
        ],
        world["learner"],
    )
    grid = dict(zip(letters, np.indices(joint.shape), strict=True))
    h, g = np.array(world["h"])[grid["p"]], np.array(world["g"])[grid["q"]]
    values = {
        "A": grid["a"],
        "P": grid["p"],
        "Q": grid["q"],
        "H": h,
        "G": g,
        "M": h + g,
        "S": grid["s"],
        "W": grid["w"],
    }
    found = {}
    for group in theory.GROUPS:
        if "V" not in group:
            _, cells = np.unique(np.stack([values[letter].ravel() for letter in group]), axis=1, return_inverse=True)
            found[group] = stats.entropy(np.bincount(cells.ravel(), joint.ravel()))
    of_anchor = np.array(world["anchor"])[:, None] * np.array(world["anchor_learner"])
    return found | {"V": stats.entropy(of_anchor.sum(0)), "AV": stats.entropy(of_anchor.ravel())}


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
    assert theory.ggmi(0.7, 0.2) == pytest.approx(0.5)


@pytest.mark.parametrize("curation", CURATIONS)
def test_finite_entropies_by_hand(curation):
    assert finite_chain.entropy([0.5, 0.25, 0.25, 0.0]) == pytest.approx(1.5 * LN2)
    rng = np.random.default_rng(0)
    for _ in range(20):
        world = finite_world(rng, curation=curation, noisy_prompt=True, dependent=True)
        expected = independent_entropies(world)
        for group, value in finite_chain.entropies(world).items():
            assert value == pytest.approx(expected[group], abs=1e-10), group
        assert finite_chain.account(world) == theory.account(finite_chain.entropies(world))


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


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), curation=st.sampled_from(CURATIONS), noisy=st.booleans(), dependent=st.booleans())
def test_steps(seed, curation, noisy, dependent):
    """Which steps of the proofs hold in every finite world, and the exact condition of those that do not."""
    world = finite_world(np.random.default_rng(seed), curation=curation, noisy_prompt=noisy, dependent=dependent)
    h = finite_chain.entropies(world)
    steps, account = theory.steps(h), theory.account(h)
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
    steps, account = theory.steps(h), theory.account(h)
    assert steps.eq_15 <= ROUNDING
    assert steps.eq_16 <= ROUNDING
    assert steps.eq_21 == pytest.approx(-account.synergy, abs=1e-8)
    assert (
        dependent or account.synergy >= -ROUNDING
    )  # independent factors, one number of both: each explains the other away
    assert steps.theorem_410 == pytest.approx(steps.eq_28 + steps.eq_29, abs=1e-8)


def test_lemma_45_depends_on_the_unit():
    """Ten times finer data in the Gaussian chain: no information changes, and the statement does."""
    scales = {"anchor": 1.0, "prompt_noise": 0.5, "model_noise": 1.0, "curation_noise": 0.5, "learner_noise": 0.1}
    coarse, fine = (gaussian_chain.account(**{name: unit * x for name, x in scales.items()}) for unit in (1.0, 0.1))
    assert coarse.information == pytest.approx(fine.information)
    assert coarse.information_bound > coarse.information
    assert fine.information_bound < fine.information


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10**6), curation=st.sampled_from(CURATIONS), noisy=st.booleans(), dependent=st.booleans())
def test_slack_of_theorem_410(seed, curation, noisy, dependent):
    """``[H(M) - H(S)] + [I(A; M) - I(h; M)]``, whatever both models do; and the printed formula with its alpha."""
    rng = np.random.default_rng(seed)
    world = finite_world(rng, curation=curation, noisy_prompt=noisy, dependent=dependent)
    h = finite_chain.entropies(world)
    found = theory.account(h)
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
        printed = theory.ggmi_bound(
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


def test_rejection_may_raise_the_entropy():
    """0.9 on one symbol and 0.01 on ten: without the one, 0.555 become 2.303 nats."""
    model = [[0.9] + [0.01] * 10] * 2
    h, g = [0, 0], list(range(11))
    curation = finite_chain.rejection(model, h, g, [0.0] + [1.0] * 10)
    world = PARITY | {"model": model, "h": h, "g": g, "curation": curation, "learner": [[1.0]] * 11}
    found = finite_chain.entropies(world)
    assert found["M"] == pytest.approx(0.555, abs=5e-4)
    assert found["S"] == pytest.approx(math.log(10))
    assert theory.steps(found).theorem_410 == pytest.approx(found["M"] - math.log(10))
    with pytest.raises(ValueError, match="leaves nothing of prompt factor 0"):
        finite_chain.rejection(model, h, g, [0.0] * 11)
    with pytest.raises(ValueError, match="keep = 2 probabilities; allowed: 11"):
        finite_chain.rejection(model, h, g, [0.0, 1.0])


def test_repeated_worlds():
    rng = np.random.default_rng(3)
    for curation in CURATIONS:
        world = finite_world(rng, curation=curation, noisy_prompt=True)
        small = {name: table for name, table in world.items() if name not in ("learner", "anchor_learner")}
        ends = {"learner": [[1.0]] * len(world["learner"]) ** 2, "anchor_learner": [[1.0]] * len(world["anchor"]) ** 2}
        twice = finite_chain.entropies(finite_chain.repeated(small, 2) | ends)
        once = finite_chain.entropies(world)
        for group in ("A", "P", "Q", "H", "G", "M", "S", "HM", "PM", "AM", "AS", "HG"):
            assert twice[group] == pytest.approx(2 * once[group], abs=ROUNDING), group


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_lemma_31(seed):
    rng = np.random.default_rng(seed)
    truth, model, synthetic, sample = rng.dirichlet(np.full(5, 0.5), 4)
    losses = rng.uniform(0, 3, 5)
    divergence = finite_chain.total_variation(truth.tolist(), model.tolist())
    divergence += finite_chain.total_variation(model.tolist(), synthetic.tolist())
    assert abs(losses @ (truth - sample)) <= 3 * divergence + abs(losses @ (synthetic - sample)) + 1e-12
    assert finite_chain.total_variation([1.0, 0.0], [0.0, 1.0]) == 1
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
        found = finite_chain.generalization(
            truth.tolist(), source.tolist(), losses.tolist(), scores.tolist(), n, strength
        )
        assert found.gap == pytest.approx((joint * gaps).sum(), abs=1e-12)
        assert found.absolute_gap == pytest.approx((joint * abs(gaps)).sum(), abs=1e-12)
        assert found.shifted == pytest.approx((joint * abs(np.array(shifted))).sum(), abs=1e-12)
        positive = joint > 0
        assert found.information == pytest.approx(
            (joint[positive] * np.log(joint[positive] / product[positive])).sum(), abs=1e-10
        )


def finite_learner(rng):
    """Random arguments of ``generalization``: losses in [0, 1], a learner that minimizes them, their negative or noise."""
    kinds, models = (int(k) for k in rng.integers(2, 5, 2))
    losses = rng.uniform(size=(models, kinds))
    scores = [losses, -losses, rng.uniform(size=losses.shape)][rng.integers(3)]
    return {
        "truth": rng.dirichlet(np.ones(kinds)).tolist(),
        "source": rng.dirichlet(np.ones(kinds)).tolist(),
        "losses": losses.tolist(),
        "scores": scores.tolist(),
        "n": int(rng.integers(1, 9)),
        "strength": float(10 ** rng.uniform(-2, 2)),
    }


@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 10**6))
def test_finite_learners_keep_the_bound(seed):
    """Lemma 4.4 as a theorem of Xu and Raginsky, sigma = 1/2 for losses in [0, 1]; and the bound of the absolute value."""
    arguments = finite_learner(np.random.default_rng(seed))
    found = finite_chain.generalization(**arguments)
    terms = (0, 1.0, 0.5, arguments["n"], found.information)
    assert abs(found.gap) <= theory.generalization_bound(*terms) + 1e-12
    assert found.absolute_gap <= theory.absolute_generalization_bound(*terms) + 1e-12


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10**6), depth=st.integers(0, 6), flip=st.floats(0, 1))
def test_layers_contract(seed, depth, flip):
    rng = np.random.default_rng(seed)
    arguments = finite_learner(rng)
    losses = rng.uniform(size=(len(arguments["losses"]), 2)).tolist()
    arguments |= {"losses": losses, "scores": losses, "truth": [0.5, 0.5], "source": rng.dirichlet([1, 1]).tolist()}
    seen = finite_chain.layered(losses, depth, flip)
    for before, after in zip(losses, seen, strict=True):
        assert np.ptp(after) == pytest.approx((1 - flip) ** depth * np.ptp(before), abs=1e-12)
    found = finite_chain.generalization(**arguments | {"losses": seen})
    if flip < 1:
        bound = theory.generalization_bound(depth, (1 - flip) ** 2, 0.5, arguments["n"], found.information)
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
    found = finite_chain.generalization(**coin)
    assert (found.gap, found.absolute_gap, found.information) == (0, 0.5, 0)
    assert theory.anchor_error_bound(0, 1.0, 0.5, 1, found.information) == 0
    assert theory.absolute_generalization_bound(0, 1.0, 0.5, 1, found.information) >= 0.5


def test_bounds_add_up():
    assert theory.generalization_bound(2, 0.25, 0.5, 8, 4.0) == pytest.approx(0.25 * 0.5 * 1.0)
    assert theory.anchor_error_bound(2, 0.25, 0.5, 8, 4.0) == theory.generalization_bound(2, 0.25, 0.5, 8, 4.0)
    assert theory.synthetic_information_bound(1.0, 2.0, 4.0, -0.5) == 4.5
    assert theory.synthetic_error_bound(2.0, 0.25, 0.5, 0, 1.0, 0.5, 2, 0.0, 1.0, 3.0, 0.0) == pytest.approx(1.5 + 1.0)
    assert theory.synthetic_error_bound(1.0, 0.0, 0.0, 0, 1.0, 0.5, 2, 9.0, 1.0, 3.0, 0.0) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.generalization_bound(1, 0.0, 1.0, 1, 1.0), "contraction = 0"),
        (lambda: theory.generalization_bound(1, 1.0, 1.0, 0, 1.0), "n = 0"),
        (lambda: theory.generalization_bound(1, 1.0, 1.0, 1, -1.0), "information = -1"),
        (lambda: theory.synthetic_error_bound(1.0, 1.2, 0, 0, 1.0, 1.0, 1, 0, 0, 0, 0), "tv_task = 1.2"),
        (lambda: theory.account({}), "entropies lack"),
        (lambda: theory.account(dict.fromkeys(theory.GROUPS, math.inf)), "entropies\\['A'\\] = inf"),
        (lambda: gaussian_chain.account(model_noise=0.0), "model_noise = 0"),
        (lambda: gaussian_chain.account(correlation=1.0), "correlation = 1"),
        (lambda: finite_chain.entropies({}), "world has"),
        (lambda: finite_chain.entropies(PARITY | {"anchor": [0.5, 0.6]}), "anchor sums to 1.1"),
        (lambda: finite_chain.entropies(PARITY | {"prompt": [[1.0]] * 2}), "prompt has 2 rows"),
        (lambda: finite_chain.entropies(PARITY | {"h": [0, 2]}), r"curation\[0\] has 3 rows"),
        (lambda: finite_chain.entropy([0.5, 0.4]), "chances sums to"),
        (lambda: finite_chain.total_variation([1.0], [0.5, 0.5]), "q = 2 probabilities for 1"),
        (lambda: finite_chain.generalization([1.0], [1.0], [[0.0]], [[0.0, 1.0]], 1, 1.0), "do not fit"),
        (lambda: finite_chain.layered([[0.0]], 1, 2.0), "flip = 2"),
        (lambda: finite_chain.repeated(PARITY, 0), "n = 0"),
        (lambda: finite_world(np.random.default_rng(0), curation="no"), "curation = 'no'"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
