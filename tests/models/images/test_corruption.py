"""Bytes and floats, and the permutation of an image's values."""

import pytest
import torch

from lib.models.images import corruption


def test_bytes():
    """Every byte survives the way to [0, 1] and back; values outside are clipped."""
    all_bytes = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(corruption.to_bytes(corruption.unit(all_bytes)), all_bytes)
    assert corruption.to_bytes(torch.tensor([-0.3, 1.7])).tolist() == [0, 255]


def test_permute():
    """By hand, the same for all images; another seed is another permutation, and the sorted values of an image stay."""
    images = torch.tensor([[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]], dtype=torch.uint8)
    permuted = corruption.permute(images, torch.tensor([3, 0, 2, 1]))
    assert permuted.tolist() == [[[[4, 1], [3, 2]]], [[[8, 5], [7, 6]]]]
    assert not torch.equal(corruption.permutation(100, 0), corruption.permutation(100, 1))
    assert corruption.permutation(100, 0).sort()[0].tolist() == list(range(100))
    with pytest.raises(ValueError, match="order has 3 values, allowed: 4"):
        corruption.permute(images, torch.arange(3))
