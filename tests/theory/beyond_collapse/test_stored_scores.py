"""lib.theory.beyond_collapse.stored_scores on curves that can be followed by hand, and against counting."""

import numpy as np
import pytest

from lib import seeds
from lib.theory.beyond_collapse import stored_scores

SETTING = {"p": 0.5, "qualities": [0.0, 1.0], "rates": [0.25, 0.5], "curves": [[0.25, 0.5], [0.5, 1.0]]}


def test_at_and_between_the_points():
    assert stored_scores.kept_right(0.25, 1.0, **SETTING) == 0.5
    assert stored_scores.kept_wrong(0.25, 1.0, **SETTING) == 0.0
    assert stored_scores.kept_right(0.375, 1.0, **SETTING) == 0.75
    assert stored_scores.kept_right(0.25, 0.5, **SETTING) == 0.375
    assert stored_scores.kept_right(0.125, 0.0, **SETTING) == 0.125  # a rate of 0 keeps nothing
    assert stored_scores.kept_right(0.75, 0.0, **SETTING) == 0.75  # a rate of 1 keeps all
    assert stored_scores.kept_right(1.0, 0.3, **SETTING) == stored_scores.kept_wrong(1.0, 0.3, **SETTING) == 1.0


def test_beyond_the_qualities():
    inner = SETTING | {"qualities": [0.4, 0.6]}
    assert stored_scores.kept_right(0.25, 0.0, **inner) == 0.25
    assert stored_scores.kept_right(0.25, 1.0, **inner) == 0.5


@pytest.mark.parametrize("place", range(3))
def test_against_counting(place):
    """Of a thousand drawn scores, counted one by one."""
    rng, rates = seeds.rng(0, "test", "scores"), [0.1, 0.3, 0.8]
    right = rng.random(1000) < 0.4
    order = np.argsort(-(right + rng.normal(size=1000)))
    keeps = [np.isin(np.arange(1000), order[: round(rate * 1000)]) for rate in rates]
    curve = [float(kept[right].mean()) for kept in keeps]
    setting = (rates[place], 0.5, 1 - right.mean(), [0.5], rates, [curve])
    phi, psi = keeps[place][right].mean(), keeps[place][~right].mean()
    assert stored_scores.kept_right(*setting) == pytest.approx(phi)
    assert stored_scores.kept_wrong(*setting) == pytest.approx(psi)
    assert stored_scores.wrong_kept(*setting) == pytest.approx((~right)[keeps[place]].mean())
    assert stored_scores.passed_error(*setting) == pytest.approx(phi / (phi + psi))


def test_ends():
    assert stored_scores.kept_wrong(0.25, 1.0, **SETTING | {"p": 0.0}) == 0
    assert stored_scores.wrong_kept(0.25, 1.0, **SETTING | {"p": 1.0}) == 1
    nothing = SETTING | {"p": 0.0, "curves": [[0.0, 0.0], [0.0, 0.0]]}
    for function in (stored_scores.wrong_kept, stored_scores.passed_error):
        with pytest.raises(ArithmeticError, match="keeps no answer"):
            function(0.25, 1.0, **nothing)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rates": [0.5, 0.25]}, r"^rates are not in rising order"),
        ({"rates": [0.0, 0.25]}, r"^rates\[0\] = 0.0 is outside \(0, 1\]"),
        ({"qualities": []}, r"^qualities are not in rising order, or none"),
        ({"curves": [[0.25, 0.5]]}, r"^curves and qualities are 1 and 2"),
        ({"curves": [[0.25, 0.5], [0.5]]}, r"^curves\[1\] and rates have 1 and 2 numbers"),
    ],
)
def test_what_does_not_fit(change, words):
    with pytest.raises(ValueError, match=words):
        stored_scores.kept_right(0.25, 1.0, **SETTING | change)
