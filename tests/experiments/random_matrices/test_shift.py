"""Shift alone: settings of Figure 3 with another n_hat, fits against the theory, differences made up."""

import pytest

from lib.experiments.random_matrices import mixing, shift
from lib.theory.random_matrices.ridge import ridge

OWN = {"p": 50, "n": 100, "mu_norm": 0.7, "gamma": 1.0}


def test_setting_is_figure_3_where_n_hat_is_n():
    assert shift.setting("oracle", 2, **OWN) == mixing.setting("oracle", 0.8, **OWN)
    assert shift.setting("weak", 0.1, **OWN)["n_hat"] == 5
    assert shift.setting("weak", 0.001, **OWN)["n_hat"] == 1


@pytest.mark.parametrize("rows", [0.1, 4])
def test_fits_meet_the_theory(rows):
    found = shift.simulated(seed=1, supervision="oracle", rows=rows, repeats=60, **OWN)
    assert set(found) == set(shift.KINDS)
    for kind, (value, error) in found.items():
        expected = ridge(**shift.setting("oracle", rows, **OWN), generator=kind).accuracy
        assert shift.in_theory("oracle", rows, kind, **OWN) == expected
        assert value == pytest.approx(expected, abs=4 * error + 0.5 / 50)


def test_measured():
    """Two dimensions; the smaller gain of each kind, wherever it stands."""

    def at(known, estimated):
        return {"known_mean": [known, 0.003], "independent": [estimated, 0.004]}

    oracle = [at(0.74, 0.63), at(0.73, 0.73), at(0.70, 0.60), at(0.72, 0.65)]
    weak = [at(0.70, 0.68), at(0.64, 0.64), at(0.7, 0.7), at(0.7, 0.7)]
    found = shift.by_case([*oracle, *weak], [50, 200])
    assert found["oracle"][200] == oracle[2:]
    measured = shift.measured(found)
    assert measured["oracle, mean known"] == pytest.approx((-0.01, 0.003 * 2**0.5))
    assert measured["weak, mean known"].value == pytest.approx(-0.06)
    assert measured["oracle, mean estimated"] == pytest.approx((0.05, 0.004 * 2**0.5))
