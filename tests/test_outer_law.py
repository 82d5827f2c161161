"""What a notebook calls beside formulas and models keeps the law of tests/law.py: figures, data, labels, sliders, parameters."""

import contextlib

import law
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from lib import datasets, explore, parameters, paths, plots
from lib.parameters import Integer

PACKAGES = ("lib.arguments", "lib.datasets", "lib.explore", "lib.labels", "lib.parameters",
            "lib.paths", "lib.plots", "lib.rules", "lib.tensors", "lib.threads")  # fmt: skip
DRAWN = "settings that build has checked, each time a slider moves"
OURS = "what a function of this package has checked"
READ = "what a reader has split, or settings that report.settings has checked"
NO_ARGUMENTS = "it has no arguments"
INNER = {
    **{f"lib.explore.axes.{name}": DRAWN for name in (
        "argument", "follow", "horizontal", "label", "percent", "round_step", "rows", "ticks", "vertical")},
    **{f"lib.explore.curves.{name}": DRAWN for name in ("curve", "value")},
    **{f"lib.explore.markup.{name}": DRAWN for name in ("drawing", "notebook", "page", "readouts")},
    **{f"lib.explore.sliders.{name}": DRAWN for name in ("axis_values", "number", "slider_text", "transform", "update")},
    **{f"lib.labels.{name}": READ for name in (
        "cells.alike", "cells.before_header", "cells.choose", "cells.complaint", "cells.meaning", "cells.plain", "cells.quoted",
        "cells.stripped", "curve.drawable", "curve.svg", "report.markdown", "report.number", "report.report", "verdict.listed",
        "verdict.said", "verdict.share")},
    "lib.explore.settings.positions": DRAWN,
    "lib.datasets.containers.check_digests": OURS,
    "lib.datasets.json_lines.read": OURS,
    "lib.datasets.toy_words.one_of": OURS,
    "lib.datasets.vision.downloading": OURS,
    "lib.tensors.finite": "what lib.tensors.real has checked",
    "lib.tensors.sized": "what lib.tensors.real has checked",
    **{name: NO_ARGUMENTS for name in (
        "lib.datasets.vision.load_torchvision", "lib.explore.files.shipped", "lib.paths.runs_folder", "lib.plots.style")},
}  # fmt: skip
FUNCTIONS = law.outer_functions(PACKAGES, INNER)
LABELS = torch.tensor([0, 1, 1])
TEST = {"kind": "above", "published": 0.5}
MEASURED = {"c/one": {"sign": [0.5, 0.01]}}
FIGURE = {
    "name": "line",
    "title": "A line",
    "x": explore.Axis("x", "limit", -1, 1, points=3),
    "y": explore.Axis(label="share"),
    "sliders": [explore.Slider("x", "limit", -1, 1, step=0.5, value=0.5)],
    "lines": [explore.Line("below", "gaussian.cdf")],
    "readouts": [explore.Readout("below", "gaussian.cdf")],
    "constants": {},
    "alt": "It rises.",
}
VALUE, NAMED = {"name": "value", "value": 0.5}, {"name": "value", "value": "text"}
ORDINARY = {
    "lib.arguments.text": NAMED | {"allowed": "a text", "empty": False},
    "lib.arguments.texts": {"name": "values", "values": ["text"], "allowed": "texts"},
    "lib.arguments.one_of": NAMED | {"choices": ["text"]},
    "lib.arguments.flag": {"name": "value", "value": True},
    "lib.arguments.path": NAMED,
    "lib.arguments.numbers": {"name": "values", "values": [1.0, 2.0]},
    "lib.arguments.mapping": {"name": "value", "value": {"a": 1}, "allowed": "values by name"},
    "lib.arguments.instance": NAMED | {"kind": str, "allowed": "a text"},
    "lib.datasets.load": {"name": "digits", "root": None},
    "lib.datasets.check_options": {"name": "mnist", "options": {"digest": False}},
    "lib.datasets.amazon.load": {"root": "nowhere", "domain": "books", "digest": False},
    "lib.datasets.cifar10.load": {"root": "nowhere", "digest": False},
    "lib.datasets.cifar10.download": {"root": "nowhere"},
    "lib.datasets.mnist.load": {"root": "nowhere", "digest": False},
    "lib.datasets.mnist.download": {"root": "nowhere"},
    "lib.datasets.digits.load": {},
    "lib.datasets.news.load": {"root": "nowhere", "file": "mine.jsonl", "digest": False},
    "lib.datasets.safety.load": {"root": "nowhere", "file": "mine.jsonl", "digest": False},
    "lib.datasets.toy_news.load": {"count": 3},
    "lib.datasets.toy_safety.load": {"count": 3},
    "lib.datasets.containers.check_labels": {"name": "labels", "labels": LABELS, "classes": 2},
    "lib.explore.widget.figure": FIGURE,
    "lib.explore.settings.build": FIGURE,
    "lib.explore.settings.choice": {"name": "k", "label": "kind", "choices": ["a", "b"], "value": "a"},
    "lib.explore.files.needed": {"functions": ["gaussian.cdf"]},
    "lib.explore.files.imported": {"modules": ["lib.explore.axes"]},
    "lib.labels.report.settings": {"n": 9, "m": 90, "dimension": 5, "mu_norm": 1.0, "gamma": 0.5, "confidence": 0.9},
    "lib.labels.table.read": {"data": "mine.csv", "names": {"label": "label"}},
    "lib.parameters.check": {"namespace": {"n": 2}, "limits": []},
    "lib.parameters.profile": {"notebook": "beyond-collapse/01-phase-transition", "profile": "smoke"},
    "lib.parameters.profiles": {"notebook": "beyond-collapse/01-phase-transition"},
    "lib.parameters.read": {"text": "3"},
    "lib.paths.below": {"folder": "runs", "name": "a", "ending": ".json"},
    "lib.paths.chosen": {"text": "x", "default": "runs"},
    "lib.paths.data_folder": {"root": "x"},
    "lib.paths.shown": {"path": "x"},
    "lib.plots.band": {"x": [0, 1], "middle": [1, 2], "low": [0, 1], "high": [2, 3], "style": "o-"},
    "lib.plots.columns": {"rows": [[1, 2], [3, 4]], "names": ["x", "y"]},
    "lib.plots.estimate": {"found": [0.5, 0.1], "digits": 2, "sign": True},
    "lib.plots.no_exceptions": {"trials": [300, 20]},
    "lib.plots.paper_against_book": {"chapter": "c", "words": {"one": {"sign": "bits"}}, "measured": MEASURED},
    "lib.plots.paper_beside_runs": {
        "chapter": "c", "rows": "one | sign | it grows | bits", "runs": [[MEASURED, "here"]], "digits": 2,
    },
    "lib.plots.show": {"name": "line", "caption": "A line.", "alt": "It rises.", "data": {"x": [0, 1]}},
    "lib.plots.side": {"test": TEST},
    "lib.plots.table": {"head": ["a", "b"], "rows": [["c", "d"]]},
    "lib.plots.to_csv": {"columns": {"x": [0, 1], "y": ["a", None]}},
    "lib.rules.decimal": {"text": "0.5"},
    "lib.rules.listed": {"value": "0.5, 1"},
    "lib.tensors.bits": {"name": "value", "value": LABELS > 0, "shape": [3]},
    "lib.tensors.generator": {"name": "value", "value": torch.Generator()},
    "lib.tensors.hook": {"name": "value", "value": None},
    "lib.tensors.instance": NAMED | {"kind": str, "optional": False},
    "lib.tensors.number": VALUE,
    "lib.tensors.place": {"name": "value", "value": "cpu"},
    "lib.tensors.positive": VALUE,
    "lib.tensors.whole_numbers": {"name": "values", "values": [1, 2], "largest": 5},
    **{f"lib.tensors.{name}": {"name": "value", "value": LABELS, "allowed": "(N,)"} for name in ("real", "whole")},
    "lib.threads.set_threads": {"count": 1},
}  # fmt: skip
# The fields of what a figure is made of, each in a figure of its own
FIELDS = {
    "Axis": vars(FIGURE["x"]), "Slider": vars(FIGURE["sliders"][0]), "Line": vars(FIGURE["lines"][0]),
    "Readout": vars(FIGURE["readouts"][0]),
}  # fmt: skip
# Places that take no hard value, and why. Arguments above that have no value at all are functions, figures or axes.
CALLER = "the caller of a check writes it"
SHOWN = "columns and tables take any value, and show it as it is"
CHECKS = ("lib.arguments.", "lib.tensors.", "lib.paths.chosen", "lib.datasets.containers.")
OUT = {
    **{(name, place): CALLER for name in ORDINARY if name.startswith(CHECKS) for place in (
        "name", "allowed", "kind", "choices", "shape", "largest", "optional", "empty", "default")},
    ("lib.arguments.mapping", "value", "a"): SHOWN,
    ("lib.parameters.check", "namespace"): "a notebook's globals(); what it lacks is named (tests/test_parameters.py)",
    **{("lib.plots.columns", "rows", row, cell): SHOWN for row in (0, 1) for cell in (0, 1)},
}  # fmt: skip


def item(kind):
    """A figure with one changed axis, slider, line or readout."""

    def call(**given):
        made = kind(**given)
        place = {"Axis": "x", "Slider": "sliders", "Line": "lines", "Readout": "readouts"}[kind.__name__]
        return explore.settings.build(**FIGURE | {place: made if place == "x" else [made]})

    return call


def drawn(function):
    """A function that draws, with a figure or axes of its own each time."""

    def call(**arguments):
        figure = Figure(figsize=(0.2, 0.2))
        if function is plots.band:
            return function(figure.add_axes([0, 0, 1, 1]), **arguments)
        return function(figure, **arguments)

    return call


def read(function):
    """Absent data are a FileNotFoundError, and tests/datasets read its sentence; here it is an answer without numbers."""

    def call(**arguments):
        with contextlib.suppress(FileNotFoundError):
            return function(**arguments)

    return call


CALLS = FUNCTIONS | {
    **{name: read(function) for name, function in FUNCTIONS.items() if name.startswith("lib.datasets.")},
    "lib.parameters.check": lambda namespace, limits: parameters.check(namespace, limits=limits, n=Integer(1, 3)),
    # messages have the words of the command line
    "lib.parameters.profile": lambda notebook, profile: parameters.profile(notebook, profile),
    "lib.parameters.read": lambda text: parameters.read("text", text, 2),
    "lib.paths.below": lambda folder, name, ending: paths.below(folder, name, ending=ending),
    "lib.plots.band": drawn(plots.band),
    "lib.plots.show": drawn(plots.show),
    "lib.plots.paper_against_book": lambda **given: plots.paper_against_book(**given, test=lambda *_: TEST),
    **{kind.__name__: item(kind) for kind in (explore.Axis, explore.Slider, explore.Line, explore.Readout)},
}


def places(name):
    found = law.places((ORDINARY | FIELDS)[name])
    return [place for place in found if not {(name, place[0]), (name, *place)} & OUT.keys()]


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """A path that is made up leads to nothing, and nothing is downloaded or shown."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text("label,generated,kept\ncat,dog,1\ndog,dog,0\n")
    monkeypatch.setattr(plots, "display", lambda *_, **__: None)
    for module in (datasets.mnist, datasets.cifar10):
        monkeypatch.setattr(module, "load_torchvision", lambda: (_ for _ in ()).throw(OSError("no network")))
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def test_every_function_has_ordinary_arguments():
    assert law.missing(FUNCTIONS, ORDINARY) == []


@pytest.mark.parametrize("name", sorted(ORDINARY | FIELDS))
def test_one_hard_value(name):
    CALLS[name](**(ORDINARY | FIELDS)[name])
    for place in places(name):
        for value in law.HARD.values():
            law.check(CALLS[name], (ORDINARY | FIELDS)[name], place, value)


@pytest.mark.parametrize("name", sorted(name for name in ORDINARY if places(name)))
@settings(deadline=None, max_examples=30, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_several_hard_values(name, data):
    hard = st.dictionaries(
        st.sampled_from(places(name)), st.sampled_from(list(law.HARD.values())), min_size=1, max_size=3
    )
    law.check_all(CALLS[name], (ORDINARY | FIELDS)[name], data.draw(hard))
