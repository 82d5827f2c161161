"""The bundled digits: forms, and a split that is fixed and the same in every class."""

import numpy as np
import torch
from sklearn.datasets import load_digits

from lib import datasets
from lib.datasets.digits import TEST_EVERY


def test_forms():
    data = datasets.load("digits")
    assert data.train_images.shape == (1352, 1, 8, 8)
    assert data.test_images.shape == (445, 1, 8, 8)
    assert data.train_images.dtype == data.test_images.dtype == torch.uint8
    assert data.train_labels.dtype == data.test_labels.dtype == torch.int64
    assert (data.train_images.min(), data.train_images.max()) == (0, 16)


def test_every_image_is_in_one_part():
    """Training and test set together are scikit-learn's rows with their labels, each once."""
    data, bundled = datasets.load("digits"), load_digits()
    images = torch.cat([data.train_images, data.test_images]).flatten(1).numpy()
    labels = torch.cat([data.train_labels, data.test_labels]).numpy()

    def in_order(x, y):
        rows = np.column_stack([y, x]).astype(int)
        return rows[np.lexsort(rows.T)]

    np.testing.assert_array_equal(in_order(images, labels), in_order(bundled.data, bundled.target))


def test_split_is_stratified():
    """Of the c images of a class floor(c / 4) are test images, and the first of them is the class's fourth."""
    data, bundled = datasets.load("digits"), load_digits()
    expected = np.bincount(bundled.target) // TEST_EVERY
    assert data.test_labels.bincount().tolist() == expected.tolist()
    for label in range(10):
        fourth = bundled.images[bundled.target == label][TEST_EVERY - 1]
        np.testing.assert_array_equal(data.test_images[data.test_labels == label][0, 0].numpy(), fourth)
