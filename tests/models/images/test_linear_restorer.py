"""Least squares undo a permutation."""

from torch.nn import functional

from lib import datasets
from lib.models.images import corruption, linear_restorer, synthesizer


def test_linear_restorer():
    """As many pairs as are needed invert a permutation exactly; fewer do not, and are better than the permuted images."""
    data = datasets.load("digits")
    train, test = (functional.interpolate(images, size=16) * 15 for images in (data.train_images, data.test_images))
    order = corruption.permutation(256, 0)
    observed, unseen = corruption.permute(train, order), corruption.permute(test, order)
    before = (corruption.unit(unseen) - corruption.unit(test)).square().mean()
    errors = {}
    for pairs in (20, 1000):
        model = linear_restorer.LinearRestorer(observed[:pairs], train[:pairs])
        assert model.ridge in linear_restorer.RIDGES
        restored = synthesizer.restore(model, unseen)
        errors[pairs] = (corruption.unit(restored) - corruption.unit(test)).square().mean()
    # digits of 8 x 8 pixels have 64 dimensions, so 1000 pairs span them
    assert errors[1000] < 1e-4 < errors[20] < before
