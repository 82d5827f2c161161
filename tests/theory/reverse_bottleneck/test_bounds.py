"""The bounds of the paper from their terms."""

import pytest

from lib.theory.reverse_bottleneck import bounds


def test_bounds_add_up():
    assert bounds.generalization_bound(2, 0.25, 0.5, 8, 4.0) == pytest.approx(0.25 * 0.5 * 1.0)
    assert bounds.anchor_error_bound(2, 0.25, 0.5, 8, 4.0) == bounds.generalization_bound(2, 0.25, 0.5, 8, 4.0)
    assert bounds.synthetic_information_bound(1.0, 2.0, 4.0, -0.5) == 4.5
    assert bounds.synthetic_error_bound(2.0, 0.25, 0.5, 0, 1.0, 0.5, 2, 0.0, 1.0, 3.0, 0.0) == pytest.approx(1.5 + 1.0)
    assert bounds.synthetic_error_bound(1.0, 0.0, 0.0, 0, 1.0, 0.5, 2, 9.0, 1.0, 3.0, 0.0) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bounds.generalization_bound(1, 0.0, 1.0, 1, 1.0), "contraction = 0"),
        (lambda: bounds.generalization_bound(1, 1.0, 1.0, 0, 1.0), "n = 0"),
        (lambda: bounds.generalization_bound(1, 1.0, 1.0, 1, -1.0), "information = -1"),
        (lambda: bounds.synthetic_error_bound(1.0, 1.2, 0, 0, 1.0, 1.0, 1, 0, 0, 0, 0), "tv_task = 1.2"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
