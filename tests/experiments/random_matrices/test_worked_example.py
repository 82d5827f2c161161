"""The exact theory by hand against the solver, which knows neither this root nor this difference."""

import pytest

from lib.experiments.random_matrices import worked_example
from lib.theory.random_matrices.equation import GENERATORS
from lib.theory.random_matrices.ridge import ridge

OTHERS = (
    worked_example.SETTING,
    {"p": 30, "n": 90, "m": 20, "n_hat": 60, "mu_norm": 1.7, "gamma": 2.0, "epsilon": 0.1, "psi": 1.0, "phi": 0.6},
    {"p": 500, "n": 400, "m": 9000, "n_hat": 50, "mu_norm": 0.4, "gamma": 0.02, "epsilon": 0.5, "psi": 0.3, "phi": 0.2},
)


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("setting", OTHERS, ids=["example", "few synthetic", "heavy pruning"])
def test_steps_meet_the_solver(generator, setting):
    found, limit = worked_example.steps(generator, **setting), ridge(**setting, generator=generator)
    assert found["x"] == pytest.approx(limit.delta_r, rel=1e-9)
    assert found["delta_s"] == pytest.approx(limit.delta_s, rel=1e-9)
    assert found["g"] * found["x"] == pytest.approx(limit.delta_g, rel=1e-9)
    assert found["m"] == pytest.approx(limit.mean, rel=1e-9)
    assert found["variance"] == pytest.approx(limit.variance, rel=1e-6)
    assert found["accuracy"] == pytest.approx(limit.accuracy, abs=1e-6)


def test_shares_count_pruned_rows():
    found = worked_example.shares(
        **{name: worked_example.SETTING[name] for name in ("p", "n", "m", "n_hat", "epsilon", "psi", "phi")}
    )
    assert found["eta"] == pytest.approx(100 / 600)
    assert found["alpha"] == pytest.approx(0.9 * 0.7 + 0.1 * 0.3)
    assert found["lambda"] == pytest.approx(0.9 * 0.7 - 0.1 * 0.3)
    assert found["k"] == pytest.approx(0.66 * 400 / 200)


def test_weights_solve_the_quadratic():
    own = {name: worked_example.SETTING[name] for name in ("p", "n", "m", "n_hat", "epsilon", "psi", "phi")}
    for e, generator in ((0, "independent"), (1, "shared")):
        at = worked_example.weights(0.3, gamma=0.1, generator=generator, **own)
        left = 0.3 * at["g"] ** 2 + (1 + (1 + e - 1.32) * 0.3) * at["g"] - 1.32 * (1 + e * 0.3)
        assert left == pytest.approx(0, abs=1e-12)
        assert at["g"] == pytest.approx(at["kappa"] / (200 / 600))  # g = kappa / hat pi
