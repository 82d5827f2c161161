"""Every parameter of every notebook, tried with values to refuse and with the outermost ones to accept.

The parameters cell and the checks cell run in this process, so a case takes a fraction of a millisecond.
"""

import ast
import itertools
import re
from typing import NamedTuple

import nbformat
import pytest

from lib import parameters
from lib.runs import notebooks

NOTEBOOKS = notebooks.names()


class Checks(NamedTuple):
    """What a notebook's first two code cells do: its own parameters, the compiled checks, the rules and limits they hand over."""

    defaults: dict[str, object]
    code: object
    rules: dict[str, parameters.Rule]
    limits: list[parameters.Limit]

    def run(self, **changes: object) -> dict[str, object]:
        """The checked parameters, or the error that stops the run."""
        namespace = self.defaults | changes
        exec(self.code, namespace)
        return namespace["checked"]


@pytest.fixture(scope="module", params=NOTEBOOKS)
def notebook(request) -> Checks:
    content = nbformat.read(notebooks.source(request.param), as_version=4)
    code = [cell for cell in content.cells if cell.cell_type == "code"]
    assert [cell.metadata.tags for cell in code[:2]] == [["parameters"], ["checks"]]
    defaults: dict[str, object] = {}
    exec(code[0].source, {}, defaults)
    held = {}

    def watched(namespace, /, *, limits=(), **rules):
        held.update(rules=rules, limits=list(limits))
        return parameters_check(namespace, limits=limits, **rules)

    parameters_check = parameters.check
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parameters, "check", watched)
        exec(code[1].source, dict(defaults))
    return Checks(defaults, compile(code[1].source, request.param, "exec"), held["rules"], held["limits"])


def test_every_parameter_has_a_rule(notebook):
    assert set(notebook.rules) == set(notebook.defaults)
    assert notebook.rules["profile"] == parameters.Profile()


def test_the_notebooks_own_parameters_pass(notebook):
    checked = notebook.run()
    assert set(checked) == set(notebooks.recorded(notebook.defaults))  # no place, and no setting of an absent model
    assert all(value == notebook.defaults[name] for name, value in checked.items())


def test_what_a_run_with_language_models_records(notebook):
    if "model" in notebook.defaults:
        both = {"model": "one", "model_verifier": "two"}
        assert set(notebook.run(**both)) == set(notebooks.recorded(notebook.defaults | both))
        for name, folder in both.items():
            with pytest.raises(
                ValueError, match=r"^model = .*, model_verifier = .*; allowed: the folders of both models"
            ):
                notebook.run(**{name: folder})


def test_a_value_to_refuse_is_named(notebook):
    for name, rule in notebook.rules.items():
        assert rule.bad()
        for value in rule.bad():
            with pytest.raises(ValueError, match=rf"^{name} "):
                notebook.run(**{name: value})


def test_an_outermost_value_passes_or_meets_a_limit_that_names_it(notebook):
    for name, rule in notebook.rules.items():
        for value in rule.edges():
            complaint = ""
            try:
                checked = notebook.run(**{name: value})
            except ValueError as error:
                complaint = str(error)
            else:
                assert checked.get(name, value) == value
            limits = [limit for limit in notebook.limits if name in limit.names]
            assert not complaint or any(limit.words in complaint for limit in limits), complaint


def violating(notebook: Checks, limit: parameters.Limit) -> dict[str, object] | None:
    """Values that each rule allows and the limit does not: its own examples, else edges and defaults."""
    if limit.bad is not None:
        return dict(limit.bad)
    tried = [[notebook.defaults[name], *notebook.rules[name].edges()] for name in limit.names]
    combinations = (dict(zip(limit.names, values, strict=True)) for values in itertools.product(*tried))
    return next((values for values in combinations if not limit.holds(**values)), None)


def test_every_limit_can_be_violated_and_says_so(notebook):
    for limit in notebook.limits:
        values = violating(notebook, limit)
        assert values is not None, f"give Limit({limit.words!r}) values that violate it: bad={{...}}"
        with pytest.raises(ValueError, match=f"allowed: {re.escape(limit.words)}") as caught:
            notebook.run(**values)
        assert all(f"{name} = " in str(caught.value) for name in limit.names)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_checks_cell_imports_rules_only(name):
    content = nbformat.read(notebooks.source(name), as_version=4)
    (checks,) = [cell.source for cell in content.cells if "checks" in cell.metadata.get("tags", [])]
    imported = [node for node in ast.walk(ast.parse(checks)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [getattr(node, "module", None) for node in imported] == ["lib.parameters"]
