"""Random worlds are valid, varied, and of the kind that was asked for."""

import numpy as np
import pytest

from lib import seeds
from lib.experiments.reverse_bottleneck.worlds import CURATIONS, finite_world, gaussian_world
from lib.theory.reverse_bottleneck import finite_chain, gaussian_chain


@pytest.mark.parametrize("curation", CURATIONS)
@pytest.mark.parametrize("noisy_prompt", [False, True])
@pytest.mark.parametrize("dependent", [False, True])
def test_finite_worlds(curation, noisy_prompt, dependent):
    rng = seeds.rng(0, "test")
    seen = []
    for _ in range(30):
        world = finite_world(rng, curation=curation, noisy_prompt=noisy_prompt, dependent=dependent)
        h = finite_chain.entropies(world)  # refuses a table that is no table of probabilities
        seen.append(h)
        if not noisy_prompt:
            assert h["A"] == pytest.approx(h["P"])
        if not dependent:
            assert h["PQ"] == pytest.approx(h["P"] + h["Q"])
        if curation == "none":
            assert h["S"] == pytest.approx(h["M"])
        if curation == "map":
            assert h["S"] <= h["M"] + 1e-12
        if curation == "noise":
            assert h["S"] >= h["M"] - 1e-12
    assert np.std([h["M"] for h in seen]) > 0.05
    if dependent:
        assert max(h["P"] + h["Q"] - h["PQ"] for h in seen) > 0.05


def test_deterministic_learners():
    world = finite_world(seeds.rng(1, "test"), deterministic_learner=True)
    assert {x for row in world["learner"] for x in row} <= {0.0, 1.0}


def test_gaussian_worlds():
    rng = seeds.rng(0, "test")
    worlds = [gaussian_world(rng, dependent=True) for _ in range(50)]
    assert all(gaussian_chain.account(**world).information > 0 for world in worlds)
    assert {gaussian_world(rng)["correlation"] for _ in range(5)} == {0.0}
    assert min(world["correlation"] for world in worlds) < -0.3


def test_seed_decides():
    assert finite_world(seeds.rng(7, "test")) == finite_world(seeds.rng(7, "test"))
