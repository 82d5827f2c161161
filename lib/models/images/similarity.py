"""How far images are from their originals: squared error and structural similarity."""

import torch
from torch import Tensor

from lib import tensors
from lib.datasets.vision import load_torchvision
from lib.models.images.corruption import unit


def squared_error(images: Tensor, clean: Tensor) -> Tensor:
    """Mean squared error (N,) of each image to its original, in units of [0, 1] squared. Args: two sets (N, ...) uint8.

    Checked by tests/models/images/test_similarity.py::test_similarity.
    """
    _check(images, clean)
    return (unit(images) - unit(clean)).square().flatten(1).mean(1)


def structural_similarity(images: Tensor, clean: Tensor) -> Tensor:
    """Structural similarity (N,) in [-1, 1] of each image to its original.

    Source: Wang et al. 2004 (Gaussian window, 1.5 pixels wide, cut at 11), the mean over all places with reflected borders, by
    torchmetrics. Args: two sets (N, channels, size, size) uint8.
    Checked by tests/models/images/test_similarity.py::test_similarity.
    """
    _check(images, clean)
    if images.ndim != 4 or min(images.shape[2:]) < 6:  # half the window must find its reflection
        raise ValueError(f"images has shape {tuple(images.shape)}, allowed: (N, channels, size, size), size at least 6")
    load_torchvision()  # torchmetrics imports it, and some builds need the cure in there
    from torchmetrics.functional.image import structural_similarity_index_measure

    pairs = zip(unit(images).split(1000), unit(clean).split(1000), strict=True)
    return torch.cat([structural_similarity_index_measure(x, y, data_range=1.0, reduction="none") for x, y in pairs])


def _check(images: Tensor, clean: Tensor) -> None:
    for name, each in (("images", images), ("clean", clean)):
        if tensors.real(name, each, "(N, ...), uint8").dtype != torch.uint8 or each.ndim < 2 or not each.numel():
            raise ValueError(
                f"{name} has shape {tuple(each.shape)}, type {each.dtype}, allowed: (N, ...), uint8, N at least 1"
            )
    if images.shape != clean.shape:
        raise ValueError(f"images has shape {tuple(images.shape)}, allowed: that of clean, {tuple(clean.shape)}")
