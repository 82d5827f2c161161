"""The corruption of the chapter usable-information: one permutation of an image's values, the same for all images.

Images are bytes (N, channels, size, size) throughout, as the data sets give them; models see them as :func:`unit`.
"""

import torch
from torch import Tensor

from lib import tensors
from lib.seeds import generator
from lib.theory import checks


def unit(images: Tensor) -> Tensor:
    """Bytes 0 to 255 as float32 in [0, 1]; the ``prepare`` hook of :func:`lib.training.loop.train`."""
    return tensors.real("images", images, "(N, ...), bytes").float() / 255


def to_bytes(images: Tensor) -> Tensor:
    """Floats in [0, 1], clipped to it, as the nearest bytes 0 to 255.

    Checked by tests/models/images/test_corruption.py::test_bytes.
    """
    tensors.real("images", images, "(N, ...), floats in [0, 1]")
    if images.isnan().any():
        raise ValueError("images holds nan, allowed: numbers")
    return (images.clamp(0, 1) * 255).round().to(torch.uint8)


def permutation(values: int, seed: int) -> Tensor:
    """A random permutation (values,) int64 from ``seed`` alone. Source: Bharthulwar, Section 2 (corruption C).

    Checked by tests/models/images/test_corruption.py::test_permute.
    """
    values = checks.integer("values", values, 1, 10**9)
    return torch.randperm(values, generator=generator(seed, "permutation"))


def permute(images: Tensor, order: Tensor) -> Tensor:
    """Images (N, ...) with value k of each replaced by value ``order[k]`` of the same image, across rows, columns and channels.

    ``order``: (values,) int64, one permutation for all images. Raises ValueError if it is of another length.
    Source: Bharthulwar, Section 2 (corruption C). Checked by tests/models/images/test_corruption.py::test_permute.
    """
    tensors.whole("order", order, "(values,), one permutation")
    if not tensors.finite("images", tensors.real("images", images, "(N, ...)")).ndim:
        raise ValueError("images has shape (), allowed: (N, ...)")
    flat = images.flatten(1) if images.ndim > 1 else images[:, None]
    if order.shape != flat.shape[1:]:
        raise ValueError(f"order has {order.numel()} values, allowed: {flat.shape[1]}, as many as an image")
    return flat[:, order].view_as(images)
