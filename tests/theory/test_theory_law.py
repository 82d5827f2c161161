"""Every public function of lib.theory keeps the law of tests/law.py, at each hard value of each argument and at several at once.

The ordinary arguments are those that micropython_inputs.py draws.
"""

import zlib

import law
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from micropython_inputs import INPUTS

FUNCTIONS = law.public_functions("lib.theory")
DRAWS = {f"lib.theory.{name}": draw for name, draw in INPUTS.items() if not name.startswith(("explore.", "labels."))}
# What a caller of a check writes itself, and what ``listed`` leaves to its caller to check
CALLERS = ("name", "what", "low", "high", "open_low", "open_high")


def made(x):
    """An argument that is itself the result of a function."""
    if isinstance(x, dict) and "$result" in x:
        return FUNCTIONS[f"lib.theory.{x['$result'][0]}"](**x["$result"][1])
    return x


def ordinary(name, rng):
    arguments = {key: made(x) for key, x in DRAWS[name](rng).items()}
    checked = "values" if "values" in arguments else "value"
    return {key: checked if key in ("name", "what") else x for key, x in arguments.items()}


def places(name, arguments):
    callers = CALLERS if {"name", "what"} & set(arguments) else ()
    found = [place for place in law.places(arguments) if place[0] not in callers]
    return [place for place in found if not name.endswith(".listed") or len(place) == 1]


def test_every_function_has_ordinary_arguments():
    assert law.missing(FUNCTIONS, DRAWS) == []


@pytest.mark.parametrize("name", sorted(DRAWS))
def test_one_hard_value(name):
    arguments = ordinary(name, np.random.default_rng(zlib.crc32(name.encode())))
    for place in places(name, arguments):
        for value in law.HARD.values():
            law.check(FUNCTIONS[name], arguments, place, value)


@pytest.mark.parametrize("name", sorted(DRAWS))
@settings(deadline=None, max_examples=60, derandomize=True)
@given(data=st.data())
def test_several_hard_values(name, data):
    arguments = ordinary(name, np.random.default_rng(data.draw(st.integers(0, 2**31))))
    possible = places(name, arguments)
    hard = st.dictionaries(st.sampled_from(possible), st.sampled_from(list(law.HARD.values())), min_size=1, max_size=3)
    law.check_all(FUNCTIONS[name], arguments, data.draw(hard))
