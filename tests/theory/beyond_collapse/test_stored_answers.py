"""lib.theory.beyond_collapse.stored_answers on a curve that can be followed by hand, and against counting."""

import mpmath
import pytest

from lib import seeds
from lib.theory.beyond_collapse import stored_answers

TOLERANCES, CURVE = [0.01, 0.02, 0.04], [0.1, 0.3, 0.7]


def test_between_and_beyond_the_points():
    """Half way in the logarithm is half way in the share."""
    for tolerance, expected in zip(TOLERANCES, CURVE, strict=True):
        assert stored_answers.share_right(tolerance, TOLERANCES, CURVE) == pytest.approx(expected, abs=1e-15)
    assert stored_answers.share_right(0.02 * 2**0.5, TOLERANCES, CURVE) == pytest.approx(0.5)
    assert stored_answers.share_right(1e-9, TOLERANCES, CURVE) == 0.1
    assert stored_answers.share_right(9, TOLERANCES, CURVE) == 0.7


@pytest.mark.parametrize("verifier", [0.01, 0.02, 0.04])
@pytest.mark.parametrize("tolerance", [0.01, 0.02, 0.04])
def test_a_verifier_against_counting(tolerance, verifier):
    """Of a thousand drawn errors, counted one by one."""
    errors = 10 ** seeds.rng(0, "test", "errors").uniform(-3, -1, 1000)
    curve = [float((errors < each).mean()) for each in TOLERANCES]
    right, kept = errors < tolerance, errors < verifier
    setting = (tolerance, verifier, TOLERANCES, curve)
    phi, psi = kept[right].mean(), kept[~right].mean()
    assert stored_answers.wrong(tolerance, TOLERANCES, curve) == pytest.approx(1 - right.mean())
    assert stored_answers.kept_right(*setting) == pytest.approx(phi)
    assert stored_answers.kept_wrong(*setting) == pytest.approx(psi)
    assert stored_answers.border(*setting) == pytest.approx(phi / (phi + psi))


def test_widths():
    """Seven answers are read as the five that are stored."""
    curves = [CURVE, [0.2, 0.5, 0.9]]
    for width, curve in ((1, curves[0]), (4, curves[0]), (5, curves[1]), (7, curves[1])):
        assert stored_answers.share_solved(0.02, width, [1, 5], TOLERANCES, curves) == curve[1]
    with pytest.raises(ValueError, match=r"^width = 2 is outside \[widths\[0\]"):
        stored_answers.share_solved(0.02, 2, [3, 5], TOLERANCES, curves)


def test_ends():
    """Where no answer is right none is lost; where none is wrong none is let through; where none is kept nothing is learned."""
    assert stored_answers.kept_right(0.01, 0.02, [0.01, 0.02], [0.0, 0.5]) == 1
    assert stored_answers.kept_wrong(0.02, 0.01, [0.01, 0.02], [0.5, 1.0]) == 0
    with pytest.raises(ArithmeticError, match="keeps no answer"):
        stored_answers.border(0.02, 0.01, [0.01, 0.02], [0.0, 1.0])


@pytest.mark.parametrize(
    ("tolerance", "tolerances"),
    [
        (1.0, [1e-300, 1e300]),
        (1e200, [1e-300, 1e300]),
        (1e-10, [5e-324, 1.0]),
        (1e-310, [1e-320, 1e-300]),
        (0.3, [0.1, 0.9]),
    ],
)
def test_tolerances_whose_ratio_has_no_float(tolerance, tolerances):
    along = (mpmath.log(tolerance) - mpmath.log(tolerances[0])) / (
        mpmath.log(tolerances[1]) - mpmath.log(tolerances[0])
    )
    assert stored_answers.share_right(tolerance, tolerances, [0.0, 1.0]) == pytest.approx(float(along), rel=1e-12)


@pytest.mark.parametrize(
    ("tolerances", "curve"), [([], []), ([0.1], [0.1, 0.2]), ([0.2, 0.1], [0.1, 0.2]), ([0.1, 0.1], [0, 1])]
)
def test_bad_curves(tolerances, curve):
    with pytest.raises(ValueError, match=r"^tolerances "):
        stored_answers.share_right(0.1, tolerances, curve)
