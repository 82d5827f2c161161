"""Every method at its own best ridge: fits against the theory, gains made up."""

import pytest

from lib.experiments.random_matrices import best_ridge, worked_example
from lib.theory.random_matrices.ridge import figure3_label_noise, ridge

CASE = {"p": 40, "n": 80, "m": 160, "mu_norm": 1.0}


def test_setting():
    noise = figure3_label_noise(p=40, m=160, n_hat=80, mu_norm=1.0, gamma=1.0)
    assert best_ridge.setting("shared", **CASE) == (
        "shared",
        CASE | {"n_hat": 80, "epsilon": noise, "psi": 0.0, "phi": 1.0},
    )
    generator, own = best_ridge.setting(best_ridge.ALONE, **CASE)
    assert (generator, own["m"]) == ("known_mean", 0)


@pytest.mark.parametrize("method", best_ridge.METHODS)
def test_simulated_meets_the_theory_at_every_ridge(method):
    found = best_ridge.simulated(seed=1, method=method, repeats=60, **CASE)
    generator, own = best_ridge.setting(method, **CASE)
    in_theory = best_ridge.accuracies_in_theory(method, **CASE)
    assert tuple(found["ridges"][:4]) == best_ridge.TRIED
    assert in_theory[best_ridge.RIDGES.index(found["ridges"][4])] == max(in_theory)
    for gamma, (value, error) in zip(found["ridges"], found["accuracy"], strict=True):
        expected = ridge(**own, gamma=gamma, generator=generator).accuracy
        assert value == pytest.approx(expected, abs=4 * error + 0.5 / 40)


def test_real_data_alone_want_the_largest_ridge():
    assert best_ridge.simulated(seed=1, method=best_ridge.ALONE, repeats=2, **CASE)["ridges"][-1] == pytest.approx(300)


def test_shared_gain_in_theory():
    """Nothing with all rows and endless synthetic ones; less than nothing with few of either."""
    gains = {
        (n_hat, m): best_ridge.shared_gain_in_theory(p=40, n=80, m=m, n_hat=n_hat, mu_norm=1.0)
        for n_hat in (20, 80)
        for m in (80, 10**12)
    }
    assert gains[80, 10**12] == pytest.approx(0, abs=1e-4)  # its ridge goes up to 300 over alpha
    assert gains[20, 10**12] < gains[80, 80] < -1e-3


@pytest.mark.parametrize("gamma", [0.02, 0.5, 20.0])
@pytest.mark.parametrize(("epsilon", "psi", "phi"), [(0.25, 0.0, 1.0), (0.3, 0.8, 0.5), (0.1, 0.05, 0.2)])
def test_a_generator_of_all_training_rows_is_a_larger_ridge_and_noise(gamma, epsilon, psi, phi):
    """Notebook 02: (pi + tau)/(pi + kappa) times the mean of real rows alone at ridge gamma/(pi + kappa), and less accuracy."""
    rates = {"epsilon": epsilon, "psi": psi, "phi": phi}
    own = {"p": 40, "n": 80, "m": 160, "n_hat": 80, "mu_norm": 1.0, **rates}
    by_hand = worked_example.solved(**own, gamma=gamma, generator="shared")
    pulled = 1 / 3 + by_hand["kappa"]
    alone = ridge(**own | {"m": 0}, gamma=gamma / pulled)
    mix = ridge(**own, gamma=gamma, generator="shared")
    assert mix.mean == pytest.approx((1 / 3 + by_hand["tau"]) / pulled * alone.mean, rel=1e-9)
    assert mix.accuracy < alone.accuracy


def test_gains():
    def case(top):
        levels = {best_ridge.ALONE: 0.7, "known_mean": top, "independent": 0.72, "shared": 0.69}
        return {name: {"accuracy": [[0.1, 0.9], [value, 0.003]]} for name, value in levels.items()}

    gains = best_ridge.gains({"one": case(0.75), "other": case(0.73)})
    assert [gain.value for gain in gains["known_mean"]] == pytest.approx([0.05, 0.03])
    assert gains["shared"][0] == pytest.approx((-0.01, 0.003 * 2**0.5))
    measured = best_ridge.measured(gains)
    assert measured["gain, known mean"].value == pytest.approx(0.03)
    assert list(measured) == ["gain, shared", "gain, known mean", "gain, independent"]
