"""The law of arguments, for every public function of lib, by introspection.

A public function that is called with ordinary arguments but for one gives a finite answer, or a ValueError that names the
argument, its value and its range, or, where double precision cannot give six digits, a plain ArithmeticError that says so in
words. Never nan or inf, unless its docstring says "nan where ..." or "inf where ...", never another exception or a warning.
And a number is a number: numpy's scalars, fractions and whole numbers give what the equal float gives.

A table of ordinary arguments stands beside the tests of each package; ``missing`` finds the functions that have none, so that a
new function is covered on the day it is written. Checked by tests/test_law.py.
"""

import dataclasses
import importlib
import inspect
import math
import numbers
import pkgutil
import re
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import torch
from hypothesis import strategies

_LARGEST = 1.7976931348623157e308
_HUGE = 10**400
# fmt: off
HARD = {
    "0": 0, "-0.0": -0.0, "subnormal": 5e-324, "1e-310": 1e-310, "1e-300": 1e-300, "1e-16": 1e-16, "1-1e-16": 1.0 - 2.0**-53,
    "1": 1, "-1": -1, "2.5": 2.5, "1e17": 1e17, "1e300": 1e300, "largest": _LARGEST, "-largest": -_LARGEST,
    "inf": math.inf, "-inf": -math.inf, "nan": math.nan, "10**309": 10**309, "-10**400": -_HUGE, "10**5000": 10**5000,
    "True": True, "None": None, "text": "0.5", "empty text": "", "bytes": b"1", "1/3": Fraction(1, 3),
    "1/10**400": Fraction(1, _HUGE), "10**400/3": Fraction(_HUGE, 3), "Decimal": Decimal("0.5"), "complex": 0.5 + 0j,
    "float16": np.float16(0.3), "float32": np.float32(0.3), "float64": np.float64(0.3), "longdouble": np.longdouble(0.3),
    "int8": np.int8(3), "int64": np.int64(3), "uint64": np.uint64(3), "bool_": np.bool_(True),
    "0-d": np.array(0.5), "1-d": np.array([0.5]), "tensor": torch.tensor(0.5), "[]": [], "{}": {}, "[[]]": [[]],
    "object": object(), "class": float,
}
# fmt: on
_RANGE = re.compile(r"outside|allowed|not one of|\bin [\[({]")
_DOCUMENTED = re.compile(r"\b(nan|inf) (?:where|if)\b")


def public_functions(package: str) -> dict:
    """The public functions of a package, or module, and all below it, by their full name: defined there, at module level."""
    found, waiting = {}, [package]
    while waiting:
        module = importlib.import_module(waiting.pop())
        for each in pkgutil.iter_modules(getattr(module, "__path__", [])):
            if not each.name.startswith("_"):
                waiting.append(f"{module.__name__}.{each.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                found[f"{module.__name__}.{name}"] = function
    return found


def outer_functions(packages, inner: dict) -> dict:
    """The public functions of some packages without those of ``inner``, a table of names with the reason for each."""
    found = {name: function for package in packages for name, function in public_functions(package).items()}
    return {name: function for name, function in found.items() if name not in inner}


def missing(functions: dict, ordinary: dict) -> list:
    """Names of functions without ordinary arguments, and of ordinary arguments without a function."""
    return sorted(set(functions) ^ set(ordinary))


def places(arguments: dict) -> list:
    """Every place of the arguments that can be replaced: ("phi",), and below a list or dict ("world", "anchor", 0)."""
    found, waiting = [], [((name,), x) for name, x in arguments.items()]
    while waiting:
        place, x = waiting.pop(0)
        found.append(place)
        inner = x.items() if isinstance(x, dict) else enumerate(x[:2]) if isinstance(x, list) else ()
        waiting += [((*place, key), each) for key, each in inner]
    return found


def combinations(arguments: dict):
    """A hypothesis strategy: one to three places of the arguments with their hard values, for ``check_all``."""
    hard = strategies.sampled_from(list(HARD.values()))
    return strategies.dictionaries(strategies.sampled_from(places(arguments)), hard, min_size=1, max_size=3)


def check(function, ordinary: dict, argument, value) -> None:
    """Fail unless ``function`` keeps the law with one argument, or one place below it, replaced by ``value``."""
    check_all(function, ordinary, {argument if isinstance(argument, tuple) else (argument,): value})


def check_all(function, ordinary: dict, hard: dict) -> None:
    """The same for several places at once: an error names one of them."""
    arguments = _replaced(ordinary, hard)
    outcome = _called(function, arguments)
    context = f"{function.__name__}({', '.join(f'{name}={_short(x)}' for name, x in arguments.items())})"
    if isinstance(outcome, Exception):
        assert type(outcome) in (ValueError, ArithmeticError), f"{context} raises {outcome!r}"
        if type(outcome) is ValueError:
            _check_message(str(outcome), hard, context)
        else:
            assert len(re.findall(r"[a-z]{3,}", str(outcome))) >= 5, f"{context} says in no words: {outcome}"
        return
    allowed = set(_DOCUMENTED.findall(inspect.getdoc(function) or ""))
    for number in _numbers(outcome):
        sound = (
            isinstance(number, (int, Fraction))
            or math.isfinite(number)
            or ("nan" if number != number else "inf") in allowed
        )
        assert sound, f"{context} = {_short(outcome)}"
    plain = _called(function, _replaced(ordinary, {place: _plain(value) for place, value in hard.items()}))
    same = not isinstance(plain, Exception) and _equal(_numbers(outcome), _numbers(plain))
    assert same, f"{context} = {_short(outcome)}, but {_short(plain)} for equal floats"


def _called(function, arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return function(**arguments)
        except Exception as error:  # what it is, is what is checked
            return error


def _replaced(x, hard):
    """A copy with the places of ``hard`` replaced; what is below a place that is replaced itself stays out."""
    if () in hard:
        return hard[()]
    if not isinstance(x, (dict, list)):
        return x
    items = x.items() if isinstance(x, dict) else enumerate(x)
    copied = {
        key: _replaced(each, {place[1:]: value for place, value in hard.items() if place[:1] == (key,)})
        for key, each in items
    }
    return copied if isinstance(x, dict) else list(copied.values())


def _check_message(text, hard, context):
    """It names an argument, or a place below it, and a range; and what it says that this place is, is its value."""
    names = {place: [re.escape(str(key)) for key in place if key != 0] for place in hard}
    named = [place for place in hard if any(re.search(rf"(?<!\w){name}(?!\w)", text) for name in names[place])]
    assert named, f"{context} names none of {list(hard)}: {text}"
    assert _RANGE.search(text), f"{context} says no range: {text}"
    # an argument of which one place is replaced is shown as a whole
    own = {place: names[place][-1] if isinstance(place[-1], str) else None for place in named}
    said = {place: own[place] and re.search(rf"^{own[place]} = (.*)", text) for place in named}
    # no value behind a name: a sum, a shape or another number that the argument decides
    shown = [place for place in named if said[place] is None or _mentions(said[place][1], hard[place])]
    assert shown, f"{context} shows another value: {text}"


def _mentions(text, value):
    """Whether a text begins with the value: as written, as the equal float or int, by its size, or as beyond all floats."""
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        beyond = isinstance(value, (int, Fraction)) and abs(value) > _LARGEST
        number = None if beyond else float(value)
        shown = ["a number above 1.8e308", "a number below -1.8e308"] if beyond else [repr(number)]
        shown += [repr(int(number))] if number is not None and number.is_integer() else []
        shown += [repr(value)] if not beyond else []
    else:
        shown = [f"{value!r:.40}", *([str(len(value))] if isinstance(value, (list, dict)) else [])]
    return text.startswith(tuple(shown))


def _plain(value):
    """The float, or int, that a real number equals; anything else as it is."""
    if isinstance(value, numbers.Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return value if isinstance(value, Fraction) and abs(value) > _LARGEST else float(value)
    return value


def _numbers(answer):
    """All numbers of an answer: of tuples, lists, dicts, records, arrays and tensors."""
    if isinstance(answer, (bool, str, bytes, type(None))):
        return []
    if isinstance(answer, complex):
        return [answer.real, answer.imag]
    if isinstance(answer, Fraction):
        return [answer]
    if isinstance(answer, numbers.Real):  # a float16 would compare in three digits
        return [int(answer) if isinstance(answer, numbers.Integral) else float(answer)]
    if isinstance(answer, torch.Tensor):
        return answer.detach().flatten().tolist() if not answer.is_complex() else _numbers(torch.view_as_real(answer))
    if isinstance(answer, np.ndarray):
        return answer.ravel().tolist() if answer.dtype.kind in "fiub" else []
    if dataclasses.is_dataclass(answer) and not isinstance(answer, type):
        answer = [getattr(answer, each.name) for each in dataclasses.fields(answer)]
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, (tuple, list)):
        return [number for each in answer for number in _numbers(each)]
    return []


def _equal(one, other):
    return len(one) == len(other) and all(x == y or (x != x and y != y) for x, y in zip(one, other, strict=True))


def _short(x):
    try:
        return f"{x!r:.120}"
    except ValueError:  # whole numbers of more than 4300 digits have no text
        return "a huge number"
