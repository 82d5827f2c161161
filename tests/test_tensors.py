"""Validators of tensors: what passes is returned, what does not is named."""

import math

import numpy as np
import pytest
import torch

from lib import tensors


def test_what_is_right_is_returned():
    x = torch.ones(2, 3)
    assert tensors.real("x", x, "(n, d)", dims=(2,)) is x
    assert tensors.finite("x", x) is x
    assert tensors.sized("x", 0 * x).sum() == 0
    assert tensors.sized("x", torch.zeros(0)).numel() == 0
    kept = x.bool()
    assert tensors.bits("kept", kept, (2, 3)) is kept
    assert tensors.whole("order", kept.long(), "(n, d)").dtype == torch.int64
    assert tensors.whole_numbers("sizes", (1.0, np.int8(2)), 9) == [1, 2]
    assert tensors.place("device", "cpu") == torch.device("cpu")
    assert tensors.positive("noise", np.float32(2)) == 2.0
    assert tensors.instance("path", None, str, optional=True) is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tensors.real("x", None, "(n, d)"), r"x = None is not a tensor, allowed: \(n, d\)"),
        (lambda: tensors.real("x", np.ones(2), "(n,)"), r"x = array\(\[1., 1.\]\) is not a tensor"),
        (lambda: tensors.real("x", torch.ones(2) + 0j, "(n,)"), "x has type torch.complex64, allowed: real numbers"),
        (lambda: tensors.real("x", torch.ones(2), "(n, d)", dims=(2,)), r"x has shape \(2,\), allowed: \(n, d\)"),
        (lambda: tensors.real("x", torch.ones(0, 2), "(n, d)", empty=False), "each at least 1"),
        (lambda: tensors.finite("x", torch.tensor([1.0, math.nan])), "x holds nan or inf"),
        (lambda: tensors.finite("x", torch.tensor([-1e120], dtype=torch.float64)), "x holds 1e\\+120, outside"),
        (lambda: tensors.sized("x", torch.tensor([1e-120], dtype=torch.float64)), "x has largest magnitude 1e-120"),
        (lambda: tensors.bits("kept", torch.ones(2), (2,)), r"kept has shape \(2,\) and type torch.float32"),
        (lambda: tensors.whole("labels", torch.ones(2), "(n,)"), "labels has type torch.float32, allowed: whole"),
        (lambda: tensors.positive("noise", 1e-120), r"noise = 1e-120 is outside \[1e-100, 1e\+100\]"),
        (lambda: tensors.number("mu", math.inf), r"mu = inf is outside \[-1e\+100, 1e\+100\]"),
        (lambda: tensors.generator("random", 3), "random = 3, allowed: a torch.Generator"),
        (lambda: tensors.instance("path", 3, str), "path = 3, allowed: str"),
        (lambda: tensors.whole_numbers("sizes", [1, 2.5], 9), r"sizes\[1\] = 2.5 is not a whole number in \[1, 9\]"),
        (lambda: tensors.place("device", "abacus"), "device = 'abacus' is no device of torch"),
    ],
)
def test_what_is_wrong_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
