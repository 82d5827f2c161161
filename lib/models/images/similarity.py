"""How far images are from their originals: squared error and structural similarity."""

import torch
from torch import Tensor

from lib.datasets.vision import load_torchvision
from lib.models.images.corruption import unit


def squared_error(images: Tensor, clean: Tensor) -> Tensor:
    """Mean squared error (N,) of each image to its original, in units of [0, 1] squared. Args: two sets (N, ...) uint8.

    Checked by tests/models/images/test_similarity.py::test_similarity.
    """
    return (unit(images) - unit(clean)).square().flatten(1).mean(1)


def structural_similarity(images: Tensor, clean: Tensor) -> Tensor:
    """Structural similarity (N,) in [-1, 1] of each image to its original.

    Source: Wang et al. 2004 (Gaussian window, 1.5 pixels wide, cut at 11), the mean over all places with reflected borders, by
    torchmetrics. Args: two sets (N, channels, size, size) uint8.
    Checked by tests/models/images/test_similarity.py::test_similarity.
    """
    load_torchvision()  # torchmetrics imports it, and some builds need the cure in there
    from torchmetrics.functional.image import structural_similarity_index_measure

    pairs = zip(unit(images).split(1000), unit(clean).split(1000), strict=True)
    return torch.cat([structural_similarity_index_measure(x, y, data_range=1.0, reduction="none") for x, y in pairs])
