"""Image sets in the form that the networks of the chapter take."""

import os

import pytest
import torch

from lib import datasets
from lib.datasets.source import Source
from lib.models.images import image_sizes
from lib.models.images.autoencoder import Autoencoder
from lib.models.images.classifier import cnn


def test_digits():
    """Each pixel four times, sixteenths to bytes, labels untouched."""
    images, raw = image_sizes.load_images(Source("digits")), datasets.load("digits")
    assert images.train_images.shape == (1352, 1, 16, 16)
    assert images.train_images.dtype == torch.uint8
    assert torch.equal(images.test_images[..., 1::2, ::2], images.test_images[..., ::2, 1::2])
    sixteenths = images.train_images[..., ::2, ::2].float() * 16 / 255
    assert torch.equal(sixteenths.round().to(torch.uint8), raw.train_images)
    assert torch.equal(images.test_labels, raw.test_labels)


def test_unknown_name():
    with pytest.raises(ValueError, match="source = 'amazon' is not one of 'digits', 'mnist', 'cifar10'"):
        image_sizes.load_images(Source("amazon"))


@pytest.mark.parametrize("name", image_sizes.SCALES)
def test_networks_take_the_images(name):
    if name != "digits" and "BOOK_DATA" not in os.environ:
        pytest.skip("needs the real data, at $BOOK_DATA")
    images, scale = image_sizes.load_images(Source(name)), image_sizes.SCALES[name]
    channels, size = images.test_images.shape[1:3]
    batch = images.test_images[:2].float()
    assert cnn(channels, size, widths=scale.learner, seed=0)(batch).shape == (2, 10)
    model = Autoencoder(channels, size, widths=scale.autoencoder, latent=scale.latent, seed=0)
    assert model(batch).shape == batch.shape
