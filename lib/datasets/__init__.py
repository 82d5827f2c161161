"""Real data by name: :func:`load`. One file a set; a set comes in a container of :mod:`lib.datasets.containers`."""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path

from lib import arguments
from lib.datasets import amazon, cifar10, digits, mnist, news, safety, toy_news, toy_safety
from lib.datasets.containers import Answers, Articles, Images, Table
from lib.paths import data_folder
from lib.theory import checks

SETS: dict[str, Callable[..., Images | Table | Articles | Answers]] = {
    "digits": digits.load,
    "mnist": mnist.load,
    "amazon": amazon.load,
    "cifar10": cifar10.load,
    "news": news.load,
    "safety": safety.load,
    "toy-news": toy_news.load,
    "toy-safety": toy_safety.load,
}


def load(name: str, *, root: str | Path | None = None, **options: object) -> Images | Table | Articles | Answers:
    """Load a data set as torch tensors, or as texts.

    Parameters
    ----------
    name : str
        "digits" (bundled with scikit-learn), "mnist", "cifar10" or "amazon"; of texts "news" and "safety", and "toy-news" and
        "toy-safety", which the book makes itself.
    root : path, optional
        Folder of downloaded data; without it $BOOK_DATA, else ``data/`` of the repository. "digits" and the
        toy sets need none.
    **options
        ``domain="books"`` for "amazon" (see :func:`lib.datasets.amazon.load`), ``file="mine.jsonl"`` for "news" and "safety",
        ``count=1200`` for the toy sets. ``digest=False`` for all but these and "digits" reads a file of yours that has the name
        of a known file but not its content; shapes, labels and form are still checked.

    Returns
    -------
    Images, Table, Articles or Answers
        "digits", "mnist" and "cifar10" are Images, "amazon" is a Table, sets of news are Articles, those of safety Answers;
        shapes and types in :mod:`lib.datasets.containers`.

    Raises ValueError for an unknown name or option, a root that is no path, and a file that is corrupt or of another form;
    FileNotFoundError for an absent one, in a sentence that says what to do. Checked by tests/datasets/test_load.py.
    """
    check_options(name, options)
    return SETS[name](data_folder(root), **options)


def check_options(name: str, options: Mapping[str, object]) -> None:
    """Raise ValueError unless there is a set of this name, and it has these options. Checked by tests/datasets/test_load.py."""
    arguments.one_of("name", name, SETS)
    known = [each for each in inspect.signature(SETS[name]).parameters if each != "root"]
    for option, value in arguments.mapping("options", options, "values by their options' names").items():
        if option not in known:
            there = ", ".join(known) or "none"
            raise ValueError(f"{option} = {checks.shown(value)} is no option of the set {name!r}; allowed: {there}")
