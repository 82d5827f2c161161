"""A permutation read off pairs."""

import pytest
import torch

from lib.models.images import corruption, matching


@pytest.mark.parametrize("channels", [1, 3])
def test_match(channels, random_images):
    """Exact inversion from pairs of random images: 20 pairs of bytes leave no two of a few hundred columns alike."""
    clean, unseen = random_images(20, channels), random_images(5, channels, seed=1)
    order = corruption.permutation(clean[0].numel(), 3)
    found = matching.match(corruption.permute(clean, order), clean)
    assert found.ambiguous == 0
    assert torch.equal(corruption.permute(corruption.permute(unseen, order), found.order), unseen)


def test_match_with_twins(random_images):
    """Columns alike on the pairs are counted, and exchanging them does no harm on these pairs."""
    clean = random_images(20, 1)
    clean.flatten(1)[:, 5] = clean.flatten(1)[:, 9]
    clean.flatten(1)[:, 7] = clean.flatten(1)[:, 9]
    order = corruption.permutation(64, 0)
    found = matching.match(corruption.permute(clean, order), clean)
    assert found.ambiguous == 3
    assert torch.equal(corruption.permute(corruption.permute(clean, order), found.order), clean)


def test_match_refuses_other_pairs(random_images):
    clean = random_images(4, 1)
    with pytest.raises(ValueError, match="not a permutation of clean"):
        matching.match(random_images(4, 1, seed=1), clean)
    with pytest.raises(ValueError, match="allowed: the same"):
        matching.match(clean[:3], clean)
