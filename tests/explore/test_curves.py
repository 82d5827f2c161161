"""lib.explore.curves: points outside a formula's domain are gaps, and say why when read out."""

import pytest

from lib.explore import curves
from lib.theory.beyond_collapse.breakdown import breakdown_bounds, breakdown_point


def test_curve_has_a_gap_where_the_formula_is_not_defined():
    assert curves.curve(breakdown_point, "phi", [0.0, 0.5, 1.0], {"psi": 0.0}) == [None, 1.0, 1.0]


def test_curve_leaves_its_arguments_alone():
    fixed = {"psi": 0.5}
    curves.curve(breakdown_point, "phi", [0.2], fixed)
    assert fixed == {"psi": 0.5}


def test_fields_of_a_namedtuple():
    arguments = {"phi": 0.8, "psi": 0.2, "t": 0.1}
    both = breakdown_bounds(**arguments)
    assert curves.value(breakdown_bounds, arguments, "p_plus") == (both.p_plus, "")
    fixed = {"phi": 0.8, "psi": 0.2}
    assert curves.curve(breakdown_bounds, "t", [0.1], fixed, "p_minus") == [both.p_minus]


def test_value_gives_the_message():
    result, message = curves.value(breakdown_point, {"phi": 1.2, "psi": 0.5})
    assert result is None
    assert message == "phi = 1.2 is outside [0, 1]"


def test_a_wrong_argument_name_is_no_gap():
    with pytest.raises(TypeError):
        curves.value(breakdown_point, {"phi": 0.5, "rho": 0.5})
