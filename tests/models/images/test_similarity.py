"""Distances of images to their originals, against their formulas."""

import pytest
import torch
from torch.nn import functional

from lib import datasets
from lib.models.images import corruption, similarity


def test_similarity(random_images):
    """Zero error and one for the image itself; against the formula of Wang et al., with reflected borders."""
    test = functional.interpolate(datasets.load("digits").test_images, size=16) * 15
    assert similarity.squared_error(test[:3], test[:3]).tolist() == [0, 0, 0]
    assert similarity.squared_error(test[:1] * 0, test[:1]).item() == pytest.approx(
        (test[0] / 255).square().mean().item()
    )
    assert similarity.structural_similarity(test[:3], test[:3]).tolist() == pytest.approx([1, 1, 1], abs=1e-6)
    order = corruption.permutation(256, 0)
    permuted = similarity.structural_similarity(corruption.permute(test, order), test)
    assert permuted.mean() < 0.3

    a, b = random_images(1, 1, 12), random_images(1, 1, 12, seed=1)
    line = torch.exp(-((torch.arange(11) - 5.0) ** 2) / (2 * 1.5**2)).double()
    window = (torch.outer(line, line) / line.sum() ** 2)[None, None]

    def blurred(image):
        return functional.conv2d(functional.pad(image, (5, 5, 5, 5), mode="reflect"), window)

    x, y = (corruption.unit(image).double() for image in (a, b))
    mean_x, mean_y = blurred(x), blurred(y)
    variances = blurred(x * x) - mean_x**2 + blurred(y * y) - mean_y**2
    index = (2 * mean_x * mean_y + 1e-4) * (2 * (blurred(x * y) - mean_x * mean_y) + 9e-4)
    index /= (mean_x**2 + mean_y**2 + 1e-4) * (variances + 9e-4)
    assert similarity.structural_similarity(a, b).item() == pytest.approx(index.mean().item(), abs=1e-5)
