"""A part of a run as a value: the name of a function of ``lib.experiments`` and its arguments. Any worker can carry it out."""

import contextvars
import importlib
import json
import sys
import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from lib import arguments
from lib.paths import below
from lib.runs import keys

Value = object  # JSON, or tensors by name
_checkpoints: contextvars.ContextVar[Path | None] = contextvars.ContextVar("checkpoints", default=None)


class Task:
    """What one part computes.

    Parameters
    ----------
    function : str
        A top-level function below ``lib.experiments``, such as "random_matrices.mixing.point". It returns either JSON (numbers,
        text, lists, dicts; tuples become lists) or a dict of tensors by name, and depends on nothing but its arguments.
    **arguments
        Text, finite numbers, lists and dicts of these, a :class:`lib.datasets.source.Source` or a
        :class:`lib.models.language.folder.Folder`, which have a name and a digest, or another Task, in whose place the
        function gets that task's value. A list that the caller changes later is as it was; dicts arrive in the order of their
        names, as the key has them.

    Notes
    -----
    Raises ValueError for an unknown function or another kind of argument. Checked by tests/runs/test_tasks.py.
    """

    def __init__(self, function: str, /, **arguments: object):
        self.function = function
        self.arguments = {name: _own(value) for name, value in arguments.items()}
        self.encoded = {name: keys.encode(name, value) for name, value in arguments.items()}
        keys.code(function)

    @cached_property
    def key(self) -> str:
        """What decides the value, as 20 hex digits: see :mod:`lib.runs.keys`."""
        return keys.key(self.function, self.encoded)

    @property
    def needs(self) -> list["Task"]:
        """The tasks among its arguments."""
        return [each for value in self.arguments.values() for each in _tasks(value)]

    def described(self) -> dict[str, object]:
        """Function, encoded arguments and key, as records keep them."""
        return {"function": self.function, "arguments": self.encoded, "key": self.key}

    def __str__(self) -> str:
        return label(self.function, self.encoded)


def label(function: str, encoded: Mapping[str, object]) -> str:
    """A part in words, such as "random_matrices.mixing.point(p=100, seed=0)". Checked by tests/runs/test_tasks.py."""

    def word(value: object) -> str:
        if isinstance(value, dict) and "source" in value:
            return str(value["source"])
        if isinstance(value, dict) and "part" in value:
            return f"part {value['part'][:8]}"
        return repr(value)

    return f"{function}({', '.join(f'{name}={word(value)}' for name, value in encoded.items())})"


class Result(NamedTuple):
    """A part's value and the seconds that it took."""

    value: Value
    seconds: float


class Order(NamedTuple):
    """What a worker needs to carry a task out: ``values`` of needed tasks by key, the ``code`` and data digests that the one who
    ordered it has, ``checkpoints`` where its trainings keep their state (below the worker's own runs folder), or None."""

    function: str
    arguments: dict[str, object]
    encoded: dict[str, object]
    values: dict[str, Value]
    code: str
    checkpoints: str | None


def order(task: Task, values: Mapping[str, Value], checkpoints: str | None) -> Order:
    """Make a task ready to travel. Checked by tests/runs/test_tasks.py."""
    given = {each.key: values[each.key] for each in task.needs}
    arguments = {name: _packed(value) for name, value in task.arguments.items()}
    return Order(task.function, arguments, task.encoded, given, keys.code(task.function), checkpoints)


def execute(order: Order) -> Result:
    """Carry a task out, in any process that has this library.

    Raises ValueError if this process has another source of the function or other data than the one who ordered, or if the
    function returns neither JSON nor tensors; else what the function raises. Checked by tests/runs/test_tasks.py.
    """
    if keys.code(order.function) != order.code:
        raise ValueError(f"this worker has another source of {order.function}; bring its checkout to the same revision")
    from lib.threads import set_threads  # heavy, as torch is, and needed where parts are computed only

    for name, value in order.arguments.items():
        if hasattr(value, "digest") and value.digest != order.encoded[name]["digest"]:
            raise ValueError(f"{name}: this worker's {value.name} has other content; give it the same files")
    from lib import paths  # the worker's own folder, read when the work is done

    set_threads()
    folder = None if order.checkpoints is None else below(paths.runs_folder(), order.checkpoints)
    token = _checkpoints.set(folder)
    start = time.perf_counter()
    try:
        arguments = {name: _unpacked(value, order.values) for name, value in order.arguments.items()}
        value = plain(order.function, function(order.function)(**arguments))
    finally:
        _checkpoints.reset(token)
    return Result(value, time.perf_counter() - start)


def function(name: str) -> object:
    """The function of ``lib.experiments`` with that name. Checked by tests/runs/test_tasks.py."""
    example = "its path below lib.experiments, such as random_matrices.mixing.point"
    module, _, own = f"lib.experiments.{arguments.text('name', name, example)}".rpartition(".")
    try:
        return getattr(importlib.import_module(module), own)
    except (ModuleNotFoundError, AttributeError) as error:
        raise ValueError(f"name = {name!r} is no function of lib.experiments; allowed: {example}") from error


def checkpoint(name: str) -> Path | None:
    """Where the part that runs now keeps the state of a training called ``name``; None if nothing is kept.

    For :func:`lib.training.loop.train`, so that a part that is killed goes on where it was. Checked by
    tests/runs/test_tasks.py.
    """
    folder = _checkpoints.get()
    return None if folder is None else below(folder, name, ending=".safetensors")


def plain(name: str, value: object) -> Value:
    """A value as a store would give it back: through JSON, or as tensors on the processor.

    Raises ValueError, naming the function, for anything else. Checked by tests/runs/test_tasks.py.
    """
    if is_tensors(value):
        return {each: tensor.detach().cpu() for each, tensor in value.items()}
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} returned {type(value).__name__}, neither JSON nor tensors by name: {error}; allowed: these"
        ) from error


def is_tensors(value: object) -> bool:
    """Whether a value is a non-empty dict of tensors."""
    torch = sys.modules.get("torch")  # who has a tensor has imported it; for others it is a second of waiting
    if torch is None or not isinstance(value, dict) or not value:
        return False
    return all(isinstance(each, torch.Tensor) for each in value.values())


class _Part(NamedTuple):
    """Stands in a packed argument for the value of another part."""

    key: str


def _own(value: object) -> object:
    """A copy of an argument that nobody else can change, with nothing in it that the key does not see."""
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        return {name: _own(value[name]) for name in sorted(value)}
    return [_own(each) for each in value] if isinstance(value, (list, tuple)) else value


def _tasks(value: object) -> list[Task]:
    if isinstance(value, Task):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [each for item in inner for each in _tasks(item)]


def _packed(value: object) -> object:
    if isinstance(value, Task):
        return _Part(value.key)
    if isinstance(value, dict):
        return {name: _packed(each) for name, each in value.items()}
    return [_packed(each) for each in value] if isinstance(value, (list, tuple)) else value


def _unpacked(value: object, values: Mapping[str, Value]) -> object:
    if isinstance(value, _Part):
        return values[value.key]
    if isinstance(value, dict):
        return {name: _unpacked(each, values) for name, each in value.items()}
    return [_unpacked(each, values) for each in value] if isinstance(value, list) else value
