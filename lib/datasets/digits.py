"""Handwritten digits, 8 x 8, bundled with scikit-learn: the data set that needs no network."""

from pathlib import Path

import torch

from lib.datasets.containers import Images

TEST_EVERY = 4  # of each class, in the order of the file, every fourth image is a test image


def load(root: Path | None = None) -> Images:
    """1352 training and 445 test images (N, 1, 8, 8) with values 0 to 16, and labels 0 to 9.

    scikit-learn has no split, so this is the book's own: fixed, and the same share of every class. Neighbours
    in the file tend to come from one writer, so a split by position within the class gives both sets the same writers.
    ``root`` is not read. Source: sklearn.datasets.load_digits, the test part of the UCI set of 1998.
    Checked by tests/datasets/test_digits.py.
    """
    from sklearn.datasets import load_digits  # a second of import, for this set only

    data = load_digits()
    images = torch.from_numpy(data.images).to(torch.uint8)[:, None]  # (1797, 1, 8, 8), whole numbers as floats
    labels = torch.from_numpy(data.target).long()
    position = (labels[:, None] == torch.arange(10)).cumsum(0).gather(1, labels[:, None])[:, 0]  # in its class, from 1
    test = position % TEST_EVERY == 0
    return Images(images[~test], labels[~test], images[test], labels[test])
