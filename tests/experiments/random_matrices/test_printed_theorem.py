"""The error of an estimated mean, b2 and the table of settings, against closed forms, numpy and the theory."""

import math

import numpy as np
import pytest
import torch

from lib import seeds
from lib.experiments.random_matrices import printed_theorem as theorem
from lib.statistics import Estimate
from lib.theory.random_matrices.closed_form import ridge_as_coded, ridge_as_printed, ridge_closed_form
from lib.theory.random_matrices.ridge import ridge


def test_error_of_mean():
    value, error = theorem.error_of_mean(seed=1, p=12, n_hat=30, mu_norm=0.7, draws=400)
    assert value == pytest.approx(12 / 30, abs=4 * error)
    assert 0 < error < 0.02


def test_at_dimension():
    own = theorem.at_dimension(theorem.SETTINGS["heavy pruning, small ridge"], 100)
    rates = {"mu_norm": 1.5, "gamma": 0.02, "epsilon": 0.2, "psi": 0.1, "phi": 0.4}
    assert own == {"p": 100, "n": 100, "m": 500, "n_hat": 50} | rates
    assert theorem.at_dimension(theorem.SETTINGS["synthetic only, exact statistics"], 30)["n_hat"] == math.inf
    assert theorem.at_dimension(theorem.B2_SETTINGS[4], 30) == {"p": 30, "n": 45, "m": 120, "n_hat": 90, "phi": 0.3}


@pytest.mark.parametrize("setting", theorem.B2_SETTINGS, ids=str)
def test_b2(setting):
    """The traces on the same draws by numpy; their mean is the corrected b2, and neither the printed nor the coded one."""
    own = theorem.at_dimension(setting, 80)
    names = ("b2", *(own[name] for name in ("p", "n", "m", "n_hat", "phi")))
    z = torch.randn(3, own["n_hat"], 80, generator=seeds.generator(1, theorem.NOTEBOOK, *names)).double().numpy()
    limit = ridge_closed_form(**own, mu_norm=1.0, gamma=0.1, epsilon=0.0, psi=1.0)
    total = own["n"] + own["m"]
    kappa, identity = own["phi"] * own["m"] / total / (1 + limit.delta_s), np.eye(80)
    found = theorem.b2_traces(seed=1, draws=3, **own)
    for rows, value in zip(z, found, strict=True):
        covariance = rows.T @ rows / own["n_hat"]
        q = np.linalg.inv((0.1 + own["n"] / total / (1 + limit.delta_r)) * identity + kappa * covariance)
        peer = kappa / (1 + limit.delta_s) * np.trace(covariance @ q @ covariance @ q) / total
        assert value == pytest.approx(peer, abs=1e-12)
    formulas = theorem.b2_formulas(**own)
    assert np.mean(found) == pytest.approx(formulas["corrected"], rel=0.03)
    assert np.mean(found) != pytest.approx(formulas["printed"], rel=0.2)
    assert np.mean(found) != pytest.approx(formulas["coded"], rel=0.03)
    assert formulas["printed"] == pytest.approx(formulas["coded"] / (1 + limit.delta_g) ** 2)


def test_b2_gaps():
    formulas = [theorem.b2_formulas(**theorem.at_dimension(setting, 50)) for setting in theorem.B2_SETTINGS]
    drawn = [[0.99 * each["corrected"], 1.01 * each["corrected"]] for each in formulas]
    drawn[1] = [1.25 * value for value in drawn[1]]
    rows = theorem.b2_compared(drawn, 50)
    assert [row["n_hat"] for row in rows] == [100, 100, 25, 50, 150]
    gaps = theorem.b2_gaps(rows)
    assert gaps["corrected"].value == pytest.approx(0.2)
    assert gaps["corrected"].standard_error == pytest.approx(0.01 / 1.25)
    assert gaps["printed"].value == pytest.approx(1 - formulas[2]["printed"] / formulas[2]["corrected"])


@pytest.mark.parametrize("name", ["label noise, strong verifier", "synthetic only", "synthetic only, exact statistics"])
def test_simulated_meets_the_exact_theory(name):
    found = theorem.simulated(seed=1, setting=name, p=40, repeats=40)
    own = theorem.at_dimension(theorem.SETTINGS[name], 40)
    assert ("shared" in found) == (name == "label noise, strong verifier")
    for kind, measured in found.items():
        limit = ridge(**own, generator=kind)
        for (value, error), expected in zip(measured, limit[:3], strict=True):
            assert value == pytest.approx(expected, abs=4 * error + max(1.0, expected) / 40)
    assert found == theorem.simulated(seed=1, setting=name, p=40, repeats=40)


def exact_table(p, shift=0.0):
    """What fits would give if they were exact, but for ``shift`` in the accuracy."""
    table = {}
    for name, setting in theorem.SETTINGS.items():
        own = theorem.at_dimension(setting, p)
        kinds = ["known_mean", "independent"] + ["shared"] * (own["n_hat"] <= own["n"])
        limits = {kind: ridge(**own, generator=kind) for kind in kinds}
        table[name] = {
            kind: [[limit.mean, 0.1], [limit.variance, 0.01], [limit.accuracy + shift, 0.002]]
            for kind, limit in limits.items()
        }
    return table


def test_compared_and_gaps():
    rows = theorem.compared(exact_table(100, 0.001), 100)
    assert len(rows) == 5 * 3 + 2 * 2
    first = theorem.at_dimension(theorem.SETTINGS["clean labels, nothing pruned"], 100)
    assert rows[2]["generator"] == "shared"
    assert rows[2]["printed"] == ridge_as_printed(**first)
    assert rows[2]["coded"] == ridge_as_coded(**first)
    assert rows[2]["known"] == ridge(**first)
    exact = theorem.gaps(rows, "exact", "accuracy", "shared")
    assert exact == [pytest.approx((0.001, 0.002))] * 5
    known = theorem.gaps(rows, "known", "accuracy", "shared")[0]
    assert known.value == pytest.approx(ridge(**first).accuracy - ridge(**first, generator="shared").accuracy - 0.001)
    printed = theorem.gaps(rows, "printed", "variance", "known_mean")[0]
    assert printed.value == pytest.approx(abs(ridge_as_printed(**first).variance / ridge(**first).variance - 1))


def test_measured():
    rows = theorem.compared(exact_table(100, 0.001), 100)
    measured = theorem.measured(rows)
    assert measured["corrected"]["variance"].value == pytest.approx(0, abs=1e-12)
    assert measured["corrected"]["accuracy"] == pytest.approx((0.001, 0.002 / 7**0.5))
    assert measured["estimated mean"]["shared"] == pytest.approx((0.001, 0.002 / 5**0.5))
    assert measured["estimated mean"]["independent"] == pytest.approx((0.001, 0.002 / 7**0.5))
    assert measured["as printed"]["variance"] == measured["corrected"]["variance as printed"]
    assert measured["as printed"]["variance"].value > 0.3
    assert measured["corrected"]["mean"].value == pytest.approx(0, abs=1e-12)
    means = theorem.gaps(rows, "printed", "mean", "known_mean")
    assert means[-1].value == pytest.approx(0.1373 / 0.12228 - 1, abs=1e-3)
    assert measured["as printed"]["mean"].value == pytest.approx(np.mean([gap.value for gap in means]))
    assert measured["coded"]["accuracy"].value > measured["as printed"]["accuracy"].value
    assert measured["coded"]["accuracy, corrected"] == measured["corrected"]["accuracy"]
    gaps = theorem.gaps(rows, "known", "accuracy", "shared")
    assert measured["estimated mean"]["as if the mean were known"].value == pytest.approx(
        np.mean([gap.value for gap in gaps])
    )
    assert isinstance(gaps[0], Estimate)
