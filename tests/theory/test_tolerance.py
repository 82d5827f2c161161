"""lib.theory.logistic.tolerated_wrong_labels: the exact border of Propositions E.3 and E.4."""

import numpy as np
import pytest

from lib.theory.beyond_collapse.fixed_point import fixed_point
from lib.theory.logistic import tolerated_wrong_labels


def perfect(bars):
    a, b, c, d = bars
    return a < 0.5 < b, d < 0.5 < c  # class 1, class 0


def test_it_decides_random_settings_without_exception():
    rng = np.random.default_rng(0)
    printed = 0
    for _ in range(400):
        n00, n01, n10, n11 = (int(n) for n in rng.integers(1, 60, 4))
        a, gamma = rng.uniform(0.02, 0.98), 10 ** rng.uniform(-2, 6)
        both = perfect([gamma * v for v in fixed_point(n00, n01, n10, n11, a, -a, gamma)[:4]])
        assert all(both) == (n10 + n01 < tolerated_wrong_labels(n11 + n00, a, gamma))
        printed += all(both) == (n10 + n01 < n11 + n00)
        one, zero = perfect([gamma * v for v in fixed_point(n00, n01, n10, n11, a, 0.0, gamma)[:4]])
        assert one == (n10 < tolerated_wrong_labels(n11, a, gamma))
        assert zero == (n01 < tolerated_wrong_labels(n00, a, gamma))
    assert printed < 400  # the printed condition does not decide them all


def test_counterexample_to_the_printed_condition():
    # two right labels against one wrong, a = 0.3: the wrong one is learned by heart, however strong the ridge
    for gamma in (1.0, 1e3, 1e6):
        assert gamma * fixed_point(1, 1, 0, 1, 0.3, -0.3, gamma).C < 0.5
        assert tolerated_wrong_labels(2, 0.3, gamma) < 1


@pytest.mark.parametrize("a", [0.1, 0.5, 0.9])
def test_limit_of_strong_regularisation(a):
    assert tolerated_wrong_labels(100, a, 1e12) == pytest.approx(100 - (1 - a) / a, abs=1e-6)


@pytest.mark.parametrize("arguments", [(-1, 0.5, 1), (1, 1.0, 1), (1, 0.5, 0), (1, float("nan"), 1)])
def test_bad_input(arguments):
    with pytest.raises(ValueError, match="is outside"):
        tolerated_wrong_labels(*arguments)
