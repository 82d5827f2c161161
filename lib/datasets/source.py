"""Which data set a part of a run reads: a small value that travels to workers, and a digest of what it stands for."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

from lib import arguments, datasets
from lib.datasets.containers import Answers, Articles, Images, Table


@dataclass(frozen=True, init=False)
class Source:
    """A data set by name, with the arguments of :func:`lib.datasets.load`.

    Where the data lie (``root``) is no part of what they are: two sources are the same for a key if their content is.
    Checked by tests/datasets/test_source.py.
    """

    name: str
    root: str | None
    options: tuple[tuple[str, object], ...]

    def __init__(self, name: str, root: str | Path | None = None, **options: object):
        datasets.check_options(name, options)
        place = None if root is None or (isinstance(root, str) and not root) else str(arguments.path("root", root))
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "root", place)
        object.__setattr__(self, "options", tuple(sorted(options.items())))

    def load(self) -> Images | Table | Articles | Answers:
        """The set, read once a process. Raises what :func:`lib.datasets.load` raises."""
        return _load(self)

    @property
    def digest(self) -> str:
        """Hex digest of names, types, shapes and values of the set's tensors, and of its texts, computed once a process."""
        return _digest(self)


@functools.lru_cache(maxsize=4)
def _load(source: Source) -> Images | Table | Articles | Answers:
    return datasets.load(source.name, root=source.root, **dict(source.options))


@functools.cache
def _digest(source: Source) -> str:
    from lib.training import checkpoint  # imports torch's file format, for this only

    parts = source.load()._asdict()
    texts = {name: part for name, part in parts.items() if isinstance(part, tuple)}
    tensors = {name: part for name, part in parts.items() if name not in texts}
    return checkpoint.digest(tensors, json.dumps(texts, sort_keys=True) if texts else "")
