"""The containers of a data set, images, feature tables and texts, and the checks that every set passes."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from lib import tensors
from lib.theory import checks


class Images(NamedTuple):
    """Labelled images in a training and a test set.

    train_images, test_images : (N, channels, height, width) uint8; train_labels, test_labels : (N,) int64, from 0.
    """

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor


class Table(NamedTuple):
    """Labelled rows of features. x : (N, p) float64, finite; labels : (N,) int64 in {0, 1}, both present."""

    x: Tensor
    labels: Tensor


class Articles(NamedTuple):
    """Texts with a summary each. documents, summaries : N texts, none of them blank."""

    documents: tuple[str, ...]
    summaries: tuple[str, ...]


class Answers(NamedTuple):
    """Answers to questions, safe or not. questions, answers : N texts, none of them blank; labels : (N,) int64, 1 where the
    answer is safe, else 0, both present."""

    questions: tuple[str, ...]
    answers: tuple[str, ...]
    labels: Tensor


def check_labels(name: str, labels: Tensor, classes: int) -> None:
    """Raise ValueError, naming the data, unless each of the labels 0 .. classes - 1 occurs and no other.

    Checked by tests/datasets/test_mnist.py::test_wrong_labels and tests/datasets/test_amazon.py::test_wrong_labels.
    """
    tensors.real("labels", labels, "(N,)")
    classes = checks.integer("classes", classes, 1, 10**6)
    found = labels.unique().tolist()
    if found != list(range(classes)):
        raise ValueError(
            f"labels of {name} = {found}, allowed: each of 0 to {classes - 1} and no other, classes = {classes}"
        )


def check_digests(folder: Path, digests: Mapping[str, str], algorithm: str) -> None:
    """Raise ValueError naming the first file of ``folder`` whose digest is not the known one.

    Checked by tests/datasets/test_mnist.py::test_wrong_digest and tests/datasets/test_amazon.py::test_wrong_digest.
    """
    for name, known in digests.items():
        with (folder / name).open("rb") as file:
            found = hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
        if found != known:
            raise ValueError(
                f"{folder / name} is corrupt: its {algorithm} is {found}, allowed: {known}; remove it and load again, "
                "or pass digest=False if it is a file of your own"
            )
