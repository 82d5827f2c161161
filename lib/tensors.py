"""Validators of tensors, beside those of numbers in ``lib.theory.checks``: what is wrong is named, with its value and its range.

Magnitudes between 1e-100 and 1e100 can be squared, multiplied by one another and summed without leaving double precision; no
quantity of this book is near either end. Checked by tests/test_tensors.py.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from lib.theory import checks

SMALLEST, LARGEST = 1e-100, 1e100


def real(name: str, value: Tensor, allowed: str, *, dims: Sequence[int] = (), empty: bool = True) -> Tensor:
    """Return ``value`` if it is a tensor of real numbers of a number of dimensions in ``dims`` (any, if there are none).

    ``allowed`` says its shape in words, such as "(B, N, d)"; without ``empty``, each dimension is at least 1. Raises ValueError,
    for instance "x has shape (3, 2), allowed: (B, N, d), each at least 1".
    """
    if not isinstance(value, Tensor):
        raise ValueError(f"{name} = {checks.shown(value)} is not a tensor, allowed: {allowed}")
    if value.is_complex():
        raise ValueError(f"{name} has type {value.dtype}, allowed: real numbers, {allowed}")
    if (dims and value.ndim not in dims) or not (empty or value.numel()):
        least = "" if empty else ", each at least 1"
        raise ValueError(f"{name} has shape {tuple(value.shape)}, allowed: {allowed}{least}")
    return value


def finite(name: str, value: Tensor, *, largest: float = LARGEST) -> Tensor:
    """Return ``value`` if all of it is finite and at most ``largest`` in magnitude, or raise ValueError."""
    if not value.is_floating_point():
        return value
    if not value.isfinite().all():
        raise ValueError(f"{name} holds nan or inf, allowed: finite numbers")
    if value.numel() and (extreme := _magnitude(value)) > largest:
        raise ValueError(f"{name} holds {extreme:g}, outside [-{largest:g}, {largest:g}]")
    return value


def sized(name: str, value: Tensor, *, largest: float = LARGEST) -> Tensor:
    """Return ``value`` if it is ``finite``, and its largest magnitude is 0 or at least ``1 / largest``, or raise ValueError."""
    finite(name, value, largest=largest)
    if value.numel() and value.is_floating_point() and 0.0 < (extreme := _magnitude(value)) < 1 / largest:
        raise ValueError(f"{name} has largest magnitude {extreme:g}, allowed: 0, or [{1 / largest:g}, {largest:g}]")
    return value


def bits(name: str, value: Tensor, shape: Sequence[int]) -> Tensor:
    """Return ``value`` if it is a bool tensor of this shape, or raise ValueError."""
    real(name, value, f"{tuple(shape)}, torch.bool")
    if value.shape != torch.Size(shape) or value.dtype != torch.bool:
        raise ValueError(
            f"{name} has shape {tuple(value.shape)} and type {value.dtype}, allowed: {tuple(shape)} and torch.bool"
        )
    return value


def whole(name: str, value: Tensor, allowed: str, *, dims: Sequence[int] = ()) -> Tensor:
    """Return ``value`` if it is a tensor of whole numbers, of an integer type, or raise ValueError."""
    real(name, value, allowed, dims=dims)
    if value.is_floating_point() or value.dtype == torch.bool:
        raise ValueError(f"{name} has type {value.dtype}, allowed: whole numbers, {allowed}")
    return value


def positive(name: str, value: float) -> float:
    """Return ``value`` as a float in [1e-100, 1e100], or raise ValueError."""
    return checks.real(name, value, SMALLEST, LARGEST)


def number(name: str, value: float) -> float:
    """Return ``value`` as a float in [-1e100, 1e100], or raise ValueError."""
    return checks.real(name, value, -LARGEST, LARGEST)


def instance(name: str, value: object, kind: type, optional: bool = False) -> object:
    """Return ``value`` if it is of a type, or None where that is allowed, or raise ValueError."""
    if not (isinstance(value, kind) or (optional and value is None)):
        raise ValueError(f"{name} = {checks.shown(value)}, allowed: {getattr(kind, '__name__', kind)}")
    return value


def generator(name: str, value: torch.Generator) -> torch.Generator:
    """Return ``value`` if it is torch's generator, or raise ValueError."""
    if not isinstance(value, torch.Generator):
        raise ValueError(f"{name} = {checks.shown(value)}, allowed: a torch.Generator")
    return value


def whole_numbers(name: str, values: Sequence[int], largest: int) -> list[int]:
    """Return ``values`` as a list of ints in [1, largest], or raise ValueError."""
    values = checks.listed(name, values, "whole numbers")
    return [checks.integer(f"{name}[{i}]", value, 1, largest) for i, value in enumerate(values)]


def _magnitude(value: Tensor) -> float:
    low, high = value.aminmax()
    return max(-low.item(), high.item())


def hook(name: str, value: Callable | None) -> Callable | None:
    """Return ``value`` if it is a function or None, or raise ValueError."""
    if value is not None and not callable(value):
        raise ValueError(f"{name} = {checks.shown(value)}, allowed: a function, or None")
    return value


def place(name: str, value: str | torch.device) -> torch.device:
    """Return ``value`` as a device of torch, or raise ValueError."""
    try:
        return torch.device(instance(name, value, str | torch.device))
    except RuntimeError as error:
        raise ValueError(
            f"{name} = {checks.shown(value)} is no device of torch, allowed: 'cpu', 'cuda', ..."
        ) from error
