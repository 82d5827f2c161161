"""Worlds on small alphabets: entropies against sums over an array, rejection, repeated worlds."""

import math

import numpy as np
import pytest
from reverse_bottleneck_cases import LN2, PARITY, ROUNDING
from scipy import stats

from lib.experiments.reverse_bottleneck.worlds import CURATIONS, finite_world
from lib.theory.reverse_bottleneck import finite_chain, statements


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
    for group in statements.GROUPS:
        if "V" not in group:
            _, cells = np.unique(np.stack([values[letter].ravel() for letter in group]), axis=1, return_inverse=True)
            found[group] = stats.entropy(np.bincount(cells.ravel(), joint.ravel()))
    of_anchor = np.array(world["anchor"])[:, None] * np.array(world["anchor_learner"])
    return found | {"V": stats.entropy(of_anchor.sum(0)), "AV": stats.entropy(of_anchor.ravel())}


@pytest.mark.parametrize("curation", CURATIONS)
def test_finite_entropies_by_hand(curation):
    assert finite_chain.entropy([0.5, 0.25, 0.25, 0.0]) == pytest.approx(1.5 * LN2)
    rng = np.random.default_rng(0)
    for _ in range(20):
        world = finite_world(rng, curation=curation, noisy_prompt=True, dependent=True)
        expected = independent_entropies(world)
        for group, value in finite_chain.entropies(world).items():
            assert value == pytest.approx(expected[group], abs=1e-10), group
        assert finite_chain.account(world) == statements.account(finite_chain.entropies(world))


def test_rejection_may_raise_the_entropy():
    """0.9 on one symbol and 0.01 on ten: without the one, 0.555 become 2.303 nats."""
    model = [[0.9] + [0.01] * 10] * 2
    h, g = [0, 0], list(range(11))
    curation = finite_chain.rejection(model, h, g, [0.0] + [1.0] * 10)
    world = PARITY | {"model": model, "h": h, "g": g, "curation": curation, "learner": [[1.0]] * 11}
    found = finite_chain.entropies(world)
    assert found["M"] == pytest.approx(0.555, abs=5e-4)
    assert found["S"] == pytest.approx(math.log(10))
    assert statements.steps(found).theorem_410 == pytest.approx(found["M"] - math.log(10))
    with pytest.raises(ValueError, match="leaves nothing of prompt factor 0"):
        finite_chain.rejection(model, h, g, [0.0] * 11)
    with pytest.raises(ValueError, match="keep has 2 probabilities; allowed: 11"):
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


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: finite_chain.entropies({}), "world has"),
        (lambda: finite_chain.entropies(PARITY | {"anchor": [0.5, 0.6]}), "anchor sums to 1.1"),
        (lambda: finite_chain.entropies(PARITY | {"prompt": [[1.0]] * 2}), "prompt has 2 rows"),
        (lambda: finite_chain.entropies(PARITY | {"h": [0, 2]}), r"curation\[0\] has 3 rows"),
        (lambda: finite_chain.entropy([0.5, 0.4]), "chances sums to"),
        (lambda: finite_chain.repeated(PARITY, 0), "n = 0"),
        (lambda: finite_world(np.random.default_rng(0), curation="no"), "curation = 'no'"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
