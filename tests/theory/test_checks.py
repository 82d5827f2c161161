"""lib.theory.checks: what passes comes back as a plain number, what does not is named with its value and range."""

import math

import numpy as np
import pytest

from lib.theory import checks


@pytest.mark.parametrize("value", [0.25, np.float64(0.25), np.float32(0.25), np.float16(0.25)])
def test_real_accepts_any_real_number(value):
    assert checks.real("x", value, 0, 1) == 0.25
    assert type(checks.real("x", value, 0, 1)) is float


@pytest.mark.parametrize("value", [3, 3.0, np.int8(3), np.int64(3), np.float64(3.0)])
def test_integer_accepts_any_whole_number(value):
    assert checks.integer("n", value, 1, 10) == 3
    assert type(checks.integer("n", value, 1, 10)) is int


def test_closed_and_open_ends():
    assert checks.real("x", 1, 0, 1) == 1.0
    assert checks.real("x", math.inf, 0, math.inf) == math.inf
    for open_end, value in [({"open_low": True}, 0.0), ({"open_high": True}, 1.0)]:
        with pytest.raises(ValueError, match="is outside"):
            checks.real("x", value, 0, 1, **open_end)


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda: checks.probability("label_error", 1.2), "label_error = 1.2 is outside [0, 1]"),
        (lambda: checks.probability("p", np.float64(-0.1)), "p = -0.1 is outside [0, 1]"),
        (lambda: checks.probability("p", math.nan), "p = nan is outside [0, 1]"),
        (lambda: checks.probability("p", True), "p = True is not a real number in [0, 1]"),
        (lambda: checks.probability("p", np.True_), "p = np.True_ is not a real number in [0, 1]"),
        (lambda: checks.probability("p", "0.3"), "p = '0.3' is not a real number in [0, 1]"),
        (lambda: checks.probability("p", None), "p = None is not a real number in [0, 1]"),
        (lambda: checks.probability("p", 1j), "p = 1j is not a real number in [0, 1]"),
        (lambda: checks.angle("theta", 4.0), "theta = 4.0 is outside [0, pi]"),
        (lambda: checks.positive("gamma", 0.0), "gamma = 0.0 is outside (0, inf)"),
        (lambda: checks.positive("gamma", math.inf), "gamma = inf is outside (0, inf)"),
        (lambda: checks.integer("n", 0, 1, 10**7), "n = 0 is outside [1, 10000000]"),
        (lambda: checks.integer("n", 2.5, 1, 9), "n = 2.5 is not a whole number in [1, 9]"),
        (lambda: checks.integer("n", math.inf, 1, 9), "n = inf is not a whole number in [1, 9]"),
        (lambda: checks.integer("n", math.nan, 1, 9), "n = nan is not a whole number in [1, 9]"),
        (lambda: checks.integer("n", True, 1, 9), "n = True is not a real number in [1, 9]"),
    ],
)
def test_messages(check, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011 the whole message is compared
        check()
    assert str(error.value) == message


def test_an_array_is_no_number():
    with pytest.raises(ValueError, match="is not a real number"):
        checks.probability("p", np.array([0.3]))


def test_finite():
    assert checks.finite("gain", np.float32(-2.5)) == -2.5
    for bad in (math.inf, -math.inf, math.nan):
        with pytest.raises(ValueError, match=rf"gain = {bad} is outside \(-inf, inf\)"):
            checks.finite("gain", bad)


def test_probabilities():
    assert checks.probabilities("row", [0.25, 0.75 + 5e-10]) == [0.25, 0.75 + 5e-10]
    with pytest.raises(ValueError, match=r"row sums to 0\.9; allowed: 1"):
        checks.probabilities("row", [0.4, 0.5])
    with pytest.raises(ValueError, match=r"row\[1\] = -0\.5 is outside \[0, 1\]"):
        checks.probabilities("row", [1.5 - 0.5, -0.5])
