"""The learners: shapes, capacity, and the control that a permutation of the inputs changes nothing for an MLP."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from lib import datasets, seeds
from lib.models.images.classifier import cnn, mlp, permute_inputs
from lib.models.images.corruption import permutation
from lib.training import Config, predict, train


@pytest.fixture(scope="module")
def digits():
    data = datasets.load("digits")
    return data._replace(train_images=data.train_images / 16, test_images=data.test_images / 16)


@pytest.mark.parametrize(
    ("channels", "size", "widths"), [(1, 16, (16, 32, 64)), (3, 32, (32, 64, 128)), (1, 8, (4, 6))]
)
def test_cnn_shapes(channels, size, widths):
    model = cnn(channels, size, 7, alpha=0.5, widths=widths, seed=0)
    assert model(torch.rand(5, channels, size, size)).shape == (5, 7)
    assert [layer.out_channels for layer in model if isinstance(layer, nn.Conv2d)] == [width // 2 for width in widths]


def test_cnn_parameters(parameters):
    """The count from the layers' sizes at alpha 1, and growth over the range of alpha."""
    blocks = sum(9 * a * b + 2 * b for a, b in [(3, 32), (32, 64), (64, 128)])
    assert parameters(cnn(3, 32, seed=0)) == blocks + (128 * 16 + 1) * 10
    counts = [parameters(cnn(1, 16, alpha=k / 4, widths=(16, 32, 64), seed=0)) for k in range(1, 9)]
    assert counts == sorted(set(counts))
    assert 3 < counts[-1] / counts[3] < 4  # alpha 2 over alpha 1: about 4, less the first and the last layer


def test_mlp_shapes(parameters):
    model = mlp(3 * 8 * 8, 7, alpha=0.25, hidden=100, seed=0)
    assert model(torch.rand(5, 3, 8, 8)).shape == (5, 7)
    assert parameters(model) == 193 * 25 + 26 * 25 + 26 * 7


@pytest.mark.parametrize("build", [lambda seed: cnn(1, 8, seed=seed), lambda seed: mlp(64, seed=seed)])
def test_seed(build):
    """Weights from the seed alone, and the global generator is left as it was."""
    before = torch.get_rng_state()
    first, again, other = (build(seed).state_dict() for seed in (3, 3, 4))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_streams_of_their_own():
    """From one number a CNN, a perceptron and a permutation draw apart from one another, and from plain torch."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        plain = nn.Linear(64, 256).weight
    assert not torch.equal(mlp(64, seed=3)[1].weight, plain)
    with seeds.everywhere(3, "mlp"):
        assert torch.equal(mlp(64, seed=3)[1].weight, nn.Linear(64, 256).weight)
    with seeds.everywhere(3, "cnn"):
        assert torch.equal(cnn(1, 8, seed=3)[0].weight, nn.Conv2d(1, 32, 3, bias=False).weight)
    assert not torch.equal(permutation(64, 3), torch.randperm(64, generator=torch.Generator().manual_seed(3)))


def test_cnn_learns_digits(digits):
    """Far above chance (0.1) in three epochs."""
    model = cnn(1, 8, widths=(8, 16, 32), seed=0)
    config = Config(epochs=3, batch=32, learning_rate=0.01, seed=0)
    train(model, functional.cross_entropy, (digits.train_images, digits.train_labels), config=config)
    assert (predict(model, digits.test_images).argmax(1) == digits.test_labels).double().mean() > 0.8


@pytest.mark.parametrize(("optimizer", "rate"), [("adamw", 0.01), ("sgd", 0.2)])
def test_permutation_changes_nothing_for_mlp(digits, optimizer, rate):
    """Outputs, and the whole way of training, are equal to rounding when the first layer's columns are permuted too.

    Double precision: sums in another order differ by 1e-16, and 84 steps of training let that grow to 2e-15 here; the tolerance
    leaves a factor of 500. In single precision the weights differ by 2e-6.
    """
    pixels = torch.randperm(64, generator=torch.Generator().manual_seed(0))
    sets = {
        "original": [images.flatten(1).double() for images in (digits.train_images, digits.test_images)],
        "permuted": [images.flatten(1)[:, pixels].double() for images in (digits.train_images, digits.test_images)],
    }
    models = {"original": mlp(64, hidden=32, seed=0).double()}
    models["permuted"] = permute_inputs(models["original"], pixels)
    before = [predict(models[name], x[1]) for name, x in sets.items()]
    torch.testing.assert_close(*before, rtol=1e-12, atol=1e-12)

    config = Config(epochs=4, batch=64, optimizer=optimizer, learning_rate=rate, seed=0)
    results = [
        train(
            models[name],
            functional.cross_entropy,
            (x[0], digits.train_labels),
            held_out=(x[1], digits.test_labels),
            config=config,
        )
        for name, x in sets.items()
    ]
    assert results[0].history[-1]["held_out"] < 0.9 * results[0].history[0]["held_out"]  # there is a way to compare
    for original, permuted in zip(*(result.history for result in results), strict=True):
        assert permuted == pytest.approx(original, rel=1e-12)
    expected = permute_inputs(models["original"], pixels).state_dict()
    torch.testing.assert_close(models["permuted"].state_dict(), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("order", [torch.arange(63), torch.zeros(64, dtype=torch.long)])
def test_no_permutation(order):
    with pytest.raises(ValueError, match="is not a permutation of 0 to 63"):
        permute_inputs(mlp(64, seed=0), order)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 20}, "size = 20 is outside the multiples of 8"),
        ({"channels": 0}, r"channels = 0 is outside \[1, 1024\]"),
        ({"alpha": 2.5}, r"alpha = 2.5 is outside \[0.25, 2\]"),
        ({"classes": 1}, r"classes = 1 is outside \[2, 1000\]"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        cnn(**{"channels": 1, "size": 16, "seed": 0} | arguments)
    if "size" not in arguments and "channels" not in arguments:
        with pytest.raises(ValueError, match=message):
            mlp(**{"inputs": 64, "seed": 0} | arguments)
