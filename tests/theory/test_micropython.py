"""Every public function of lib/theory gives under MicroPython, as in the published page, what it gives in CPython.

micropython_inputs.py has one generator of valid arguments for each; a function without one fails the test, so that no new
formula escapes.
"""

import functools
import importlib
import inspect
import json
import math
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from micropython_inputs import INPUTS

from lib.explore import files

ROOT = Path(__file__).resolve().parents[2]
MICROPYTHON = ROOT / "node_modules" / "@micropython" / "micropython-webassembly-pyscript"
RUNNER = Path(__file__).with_name("micropython_runner.mjs")
INPUTS_EACH = 60  # MicroPython is a hundred times slower than CPython, and this is the longest test of all
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")

# Differences relative to max(1, |value|): the C libraries round exp, log and erfc in the last digit by themselves.
TOLERANCE = 1e-12
# n multiplies the logarithm's last digit by up to 1e7, and exp passes it on. A report is words with numbers of four digits: where
# one lies half-way its last digit may differ; the numbers themselves are compared where they are computed, in theory.judge.
WIDER = {
    "lazy_walk.positive_probability": 1e-9,
    "beyond_collapse.breakdown.perfect_accuracy_probability": 1e-9,
    "labels.report.report": 1.001e-4,
}
# These take what others have checked, and check nothing themselves.
NOT_VALIDATING = (
    "explore.",
    "labels.",
    *(f"random_matrices.equation.{name}" for name in ("accuracy", "solve", "state")),
)


def full(name):
    """The path of a function from ``lib``: formulas are named by their path below lib.theory, as in figures."""
    return f"lib.{name}" if name.startswith(("explore.", "labels.")) else f"lib.theory.{name}"


@functools.cache
def theory_functions():
    """All public functions that a page may run, by name."""
    found = {}
    for path in files.shipped():
        module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                short = f"{module.__name__}.{name}".removeprefix("lib.").removeprefix("theory.")
                found[short] = function
    return found


def decode(x):
    if isinstance(x, dict) and "$float" in x:
        return float(x["$float"])
    if isinstance(x, dict) and "$function" in x:
        return theory_functions()[x["$function"]]
    if isinstance(x, dict) and "$result" in x:
        return theory_functions()[x["$result"][0]](**x["$result"][1])
    return x


def encode(x):
    if isinstance(x, (tuple, list)):
        return [encode(each) for each in x]
    if isinstance(x, dict):
        return {name: encode(each) for name, each in x.items()}
    if isinstance(x, complex):
        return [x.real, x.imag]
    if isinstance(x, float) and not math.isfinite(x):
        return {"$float": str(x)}
    return x


def in_cpython(name, arguments):
    try:
        return {"value": encode(theory_functions()[name](**{key: decode(x) for key, x in arguments.items()}))}
    except (ValueError, ArithmeticError) as error:
        return {"error": type(error).__name__, "message": str(error)}


def spoiled(arguments):
    """The arguments with one number at a time replaced by what is not allowed, or not always."""
    for name, x in arguments.items():
        # limits are the caller's
        if isinstance(x, (int, float)) and not isinstance(x, bool) and name not in ("low", "high"):
            for bad in ({"$float": "nan"}, {"$float": "inf"}, True, "x", -5.0, 1.25, 4.0, None):
                yield {**arguments, name: bad}


@pytest.fixture(scope="module")
def cases():
    rng = np.random.default_rng(20)
    drawn = []
    for name, draw in INPUTS.items():
        arguments = [draw(rng) for _ in range(INPUTS_EACH)]
        validating = not name.startswith(NOT_VALIDATING)
        bad = [each for first in arguments[:2] for each in spoiled(first)] if validating else []
        drawn += [(name, each) for each in arguments + bad]
    return drawn


@pytest.fixture(scope="module")
def results(cases):
    """One MicroPython for all cases, as in a page."""
    node = shutil.which("node") or shutil.which("node", path=ROOT / ".venv" / "bin")
    if node is None or not MICROPYTHON.is_dir():
        missing = "node" if node is None else "node_modules/@micropython (npm ci --ignore-scripts)"
        if os.environ.get("CI"):
            pytest.fail(f"{missing} is missing, and CI may not skip this test")
        pytest.skip(f"{missing} is missing")
    sent = json.dumps({"files": files.shipped(), "cases": [[full(name), arguments] for name, arguments in cases]})
    command = [node, str(RUNNER), str(MICROPYTHON), str(ROOT)]
    done = subprocess.run(command, input=sent, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def difference(one, other):
    """Largest difference of numbers relative to max(1, |number|); inf where anything else differs."""
    numbers = (int, float)
    if isinstance(one, numbers) and isinstance(other, numbers) and isinstance(one, bool) == isinstance(other, bool):
        return abs(one - other) / max(1.0, abs(one))
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return max((difference(a, b) for a, b in zip(one, other, strict=True)), default=0.0)
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return max((difference(one[key], other[key]) for key in one), default=0.0)
    if isinstance(one, str) and isinstance(other, str) and NUMBER.sub("", one) == NUMBER.sub("", other):
        # an error shows a value, and MicroPython writes some floats with another last digit than the shortest text has
        return max(
            (difference(float(a), float(b)) for a, b in zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)),
            default=0.0,
        )
    return 0.0 if one == other else math.inf


def test_every_theory_function_has_inputs():
    assert sorted(INPUTS) == sorted(theory_functions())


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_micropython_equals_cpython(name, cases, results):
    tolerance = WIDER.get(name, TOLERANCE)
    valid = 0
    for (each, arguments), got in zip(cases, results, strict=True):
        if each == name:
            expected = in_cpython(name, arguments)
            valid += "value" in expected
            assert difference(expected, got) <= tolerance, (arguments, expected, got)
    assert valid >= INPUTS_EACH  # the generator draws from the domain
