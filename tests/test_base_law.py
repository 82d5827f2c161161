"""lib.statistics, lib.seeds, lib.arrays and lib.array_theory keep the law of tests/law.py."""

import law
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.statistics import Estimate

PACKAGES = ("lib.statistics", "lib.seeds", "lib.arrays", "lib.array_theory")
FUNCTIONS = {name: function for package in PACKAGES for name, function in law.public_functions(package).items()}
ESTIMATE = Estimate(1.5, 0.2)
STREAM = {"seed": 3}
KEPT = {"n": 10, "m": 20, "gamma": 0.1, "epsilon": 0.1, "psi": 0.5, "phi": 0.9}
COVARIANCE = [[1.0, 0.2], [0.2, 0.5]]
ORDINARY = {
    "lib.statistics.mean_and_error": {"draws": [1.0, 2.0, 4.0], "within": 0.1},
    "lib.statistics.means_and_errors": {"draws": [[1.0, 2.0], [3.0, 5.0]]},
    "lib.statistics.part_of": {"numerators": [1.0, 2.0], "denominators": [3.0, 4.0]},
    "lib.statistics.ratio": {"numerators": [1.0, 2.0], "denominators": [3.0, 4.0]},
    "lib.statistics.share": {"hits": 3, "count": 7},
    "lib.statistics.exceptions": {"failed": [True, False]},
    "lib.statistics.difference": {"one": ESTIMATE, "other": ESTIMATE},
    "lib.statistics.average": {"estimates": [ESTIMATE, ESTIMATE]},
    "lib.statistics.relative_gap": {"expected": 1.2, "measured": ESTIMATE},
    **{f"lib.seeds.{name}": STREAM for name in ("sequence", "generator", "rng", "number", "everywhere")},
    "lib.arrays.finite": {"name": "values", "values": [[0.5, 1.0]]},
    "lib.array_theory.given_covariance.ridge_given": {
        "mean": [0.5, 1.0],
        "covariance": COVARIANCE,
        "synthetic_mean": [0.4, 0.9],
        "synthetic_covariance": [[0.8, 0.1], [0.1, 0.6]],
        **KEPT,
    },
    "lib.array_theory.given_covariance.ridge_shared": {
        "mean": [0.5, 1.0],
        "covariance": COVARIANCE,
        **KEPT,
        "n_hat": 5,
        "synthetic_mean": "estimated",
    },
}


def places(name):
    return [place for place in law.places(ORDINARY[name]) if place != ("name",)]


def test_every_function_has_ordinary_arguments():
    assert law.missing(FUNCTIONS, ORDINARY) == []


@pytest.mark.parametrize("name", sorted(ORDINARY))
def test_one_hard_value(name):
    for place in places(name):
        for value in law.HARD.values():
            law.check(FUNCTIONS[name], ORDINARY[name], place, value)


@pytest.mark.parametrize("name", sorted(ORDINARY))
@settings(deadline=None, max_examples=60, derandomize=True)
@given(data=st.data())
def test_several_hard_values(name, data):
    hard = st.dictionaries(
        st.sampled_from(places(name)), st.sampled_from(list(law.HARD.values())), min_size=1, max_size=3
    )
    law.check_all(FUNCTIONS[name], ORDINARY[name], data.draw(hard))
