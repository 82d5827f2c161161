"""The key of a part of a run: a digest of exactly what decides its value.

That is the source that its function reaches inside ``lib`` (:mod:`lib.runs.closure`), its arguments, the content of the data
it reads, and the keys of the parts that it is made from. Not: the notebook, prose, drawing, claims, how runs are carried
out, the place of the data, the versions of libraries (these stand in a record's provenance).
"""

import hashlib
import json
import math
from functools import cache
from pathlib import Path

from lib.paths import ROOT
from lib.runs import closure
from lib.theory import checks

# these carry runs out, or show them; no value of a part comes from them
NO_PART_OF_A_VALUE = (
    "lib.runs",
    "lib.claims",
    "lib.explore",
    "lib.plots",
    "lib.paths",
    "lib.threads",
    "lib.datasets.source",
)
Encoded = dict[str, object]


@cache
def code(function: str, root: Path = ROOT) -> str:
    """Digest of the source that decides what a function of ``lib.experiments`` returns, such as "mixing.point".

    Raises ValueError if there is no such function. Checked by tests/runs/test_tasks.py.
    """
    module, _, name = f"lib.experiments.{function}".rpartition(".")
    return closure.digest(closure.of_symbol(module, name, root=root, without=NO_PART_OF_A_VALUE))


def encode(name: str, value: object) -> object:
    """An argument as JSON: a data set, or a language model's folder, by name and digest, a part by its key, a tuple as a list.

    Raises ValueError, naming the argument, for what is neither text, a finite number, None nor a list or dict of these.
    Checked by tests/runs/test_tasks.py.
    """
    if hasattr(value, "digest"):
        return {"source": value.name, "digest": value.digest}
    if hasattr(value, "key"):
        return {"part": value.key}
    if isinstance(value, (list, tuple)):
        return [encode(name, each) for each in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: encode(name, each) for key, each in value.items()}
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError(
        f"{name} = {checks.shown(value)} is no argument of a part; allowed: text, finite numbers, data sets, models, parts, "
        "lists"
    )


def key(function: str, arguments: Encoded, root: Path = ROOT) -> str:
    """The key of a part, 20 hex digits, from its function and its encoded arguments.

    Checked by tests/runs/test_tasks.py.
    """
    text = json.dumps([function, code(function, root), arguments], sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]
