"""A permutation of values read off pairs of images, exactly."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from lib import tensors


class Matching(NamedTuple):
    """``order`` (values,) int64 undoes the permutation: :func:`permute <lib.models.images.corruption.permute>` by it makes the
    observed images of the pairs clean. ``ambiguous`` counts the values whose column equals another one on all pairs, so that the
    pairs do not tell which of them it is."""

    order: Tensor
    ambiguous: int


def match(observed: Tensor, clean: Tensor) -> Matching:
    """Read the permutation off pairs: a value goes where the same column of numbers is found, one number a pair.

    Sorting the columns of both sides lines them up, since they are the same columns in another order. Columns that are equal
    on all pairs may be exchanged: that is what a larger number of pairs takes away.

    Args: observed and clean images (N, ...), uint8, the same images in the same order. Raises ValueError if their columns
    differ, that is if no permutation joins them. Checked by tests/models/images/test_matching.py::test_match.
    """
    for name, images in (("observed", observed), ("clean", clean)):
        if not tensors.real(name, images, "(N, ...), uint8").numel() or images.ndim < 2:
            raise ValueError(f"{name} has shape {tuple(images.shape)}, allowed: (N, ...), each at least 1")
    columns = [images.flatten(1).T.contiguous().cpu().numpy() for images in (observed, clean)]  # (values, N)
    if columns[0].shape != columns[1].shape:
        raise ValueError(f"observed and clean have shapes {observed.shape} and {clean.shape}; allowed: the same")
    orders = [np.lexsort(each.T[::-1]) for each in columns]
    ranked = [each[order] for each, order in zip(columns, orders, strict=True)]
    if not np.array_equal(*ranked):
        raise ValueError("observed is not a permutation of clean; allowed: pairs joined by one permutation of values")
    place = np.empty_like(orders[0])
    place[orders[1]] = orders[0]
    twin = (ranked[1][1:] == ranked[1][:-1]).all(1)  # equal to the next in rank
    ambiguous = int((np.append(twin, False) | np.insert(twin, 0, False)).sum())
    return Matching(torch.from_numpy(place), ambiguous)
