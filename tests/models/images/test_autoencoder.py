"""The convolutional autoencoder: shapes, capacity, and that it can undo a permutation."""

import pytest
import torch
from torch.nn import functional

from lib import datasets
from lib.models.images.autoencoder import Autoencoder
from lib.training import Config, predict, train


@pytest.mark.parametrize(("channels", "size"), [(1, 16), (3, 32), (2, 8)])
def test_shapes(channels, size):
    model = Autoencoder(channels, size, capacity=0.5, seed=0)
    x = torch.rand(5, channels, size, size)
    assert model.encoder(x).shape == (5, 128)  # half of 256: a dense code
    y = model(x)
    assert y.shape == x.shape
    assert 0 < y.min() < y.max() < 1


def test_parameters(parameters):
    """The count from the layers' sizes at capacity 1, and growth with the capacity."""
    convolutions = (3 * 9 + 1) * 32 + (32 * 9 + 1) * 64 + (64 * 16) * 32 + 32 + (32 * 16) * 3 + 3
    dense = (64 * 8 * 8 + 1) * 256 + (256 + 1) * 64 * 8 * 8
    assert parameters(Autoencoder(3, 32, seed=0)) == convolutions + dense
    counts = [parameters(Autoencoder(1, 16, capacity=capacity, seed=0)) for capacity in (0.01, 0.25, 0.5, 1, 2, 4)]
    assert counts == sorted(set(counts))
    assert 3.5 < counts[-1] / counts[-2] < 4  # about its square: the dense layers


def test_seed():
    """Weights from the seed alone, and the global generator is left as it was."""
    before = torch.get_rng_state()
    x = torch.rand(2, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    outputs = [Autoencoder(1, 16, seed=seed)(x) for seed in (3, 3, 4)]
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(outputs[0], outputs[1])
    assert not torch.equal(outputs[0], outputs[2])


def test_undoes_a_permutation():
    """From 1000 pairs of digits: nearer to unseen originals than the mean image, and than the permuted images themselves."""
    digits = datasets.load("digits")
    train_images, test_images = (
        functional.interpolate(images / 16, size=16) for images in (digits.train_images, digits.test_images)
    )
    pixels = torch.randperm(256, generator=torch.Generator().manual_seed(0))

    def permuted(images):
        return images.flatten(1)[:, pixels].view_as(images)

    clean = train_images[:1000]
    model = Autoencoder(1, 16, widths=(16, 32), latent=64, seed=0)
    config = Config(epochs=10, batch=50, learning_rate=3e-3, seed=0)
    train(model, functional.mse_loss, (permuted(clean), clean), config=config)
    restored = functional.mse_loss(predict(model, permuted(test_images)), test_images)
    mean_image = functional.mse_loss(clean.mean(0).expand_as(test_images), test_images)
    print(restored, mean_image, functional.mse_loss(permuted(test_images), test_images))
    assert restored < mean_image / 2
    assert restored < functional.mse_loss(permuted(test_images), test_images) / 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 18}, "size = 18 is outside the multiples of 4"),
        ({"size": 4}, r"size = 4 is outside \[8, 256\]"),
        ({"channels": 0}, r"channels = 0 is outside \[1, 1024\]"),
        ({"capacity": 0}, r"capacity = 0.0 is outside \(0, 16\]"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        Autoencoder(**{"channels": 1, "size": 16, "seed": 0} | arguments)


def test_bad_images():
    with pytest.raises(ValueError, match=r"images have shape \(2, 3, 16, 16\), allowed: \(N, 1, 16, 16\)"):
        Autoencoder(1, 16, seed=0)(torch.zeros(2, 3, 16, 16))
