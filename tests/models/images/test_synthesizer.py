"""The autoencoder trained on pairs, with and without a judge."""

import copy

import pytest
import torch
from torch.nn import functional

from lib import datasets
from lib.models.images import corruption, synthesizer
from lib.models.images.autoencoder import Autoencoder
from lib.models.images.classifier import cnn
from lib.models.images.learner import evaluate, learn
from lib.training import Config


@pytest.fixture(scope="module")
def digits():
    data = datasets.load("digits")
    return [functional.interpolate(images, size=16) * 15 for images in (data.train_images, data.test_images)]


def test_synthesizer(digits):
    """Seeded; with more pairs nearer to unseen originals, and nearer than the mean of the training images."""
    train, test = digits
    order = corruption.permutation(256, 0)
    observed, unseen = corruption.permute(train, order), corruption.permute(test, order)
    config = Config(epochs=15, batch=32, learning_rate=3e-3, patience=5, seed=0)
    options = {"capacity": 1, "widths": (16, 32), "latent": 64, "config": config}

    def error(pairs):
        model = synthesizer.train_synthesizer(observed[:pairs], train[:pairs], **options)
        return (corruption.unit(synthesizer.restore(model, unseen)) - corruption.unit(test)).square().mean()

    few, many = error(100), error(1000)
    assert torch.equal(few, error(100))
    mean = corruption.unit(train).mean(0)
    assert many < few
    assert many < (mean - corruption.unit(test)).square().mean() / 1.5


def test_judge(digits):
    """With a judge the restored images show its labels better, even labels turned by one; its weights stay."""
    train, _ = digits
    labels = datasets.load("digits").train_labels
    network = learn(
        cnn(1, 16, widths=(8, 16), seed=0), train, labels, stop=(train, labels), config=Config(epochs=3, seed=0)
    )
    before = copy.deepcopy(network.state_dict())
    observed = corruption.permute(train, corruption.permutation(256, 0))
    turned = (labels + 1) % 10
    options = {
        "capacity": 1,
        "widths": (16, 32),
        "latent": 64,
        "config": Config(epochs=5, batch=32, patience=5, seed=0),
    }

    def shown(weight):
        judge = synthesizer.Judge(network, turned, weight)
        model = synthesizer.train_synthesizer(observed, train, judge=judge, **options)
        return evaluate(network, synthesizer.restore(model, observed), turned, train_labels=labels).accuracy

    assert shown(0.0) < 0.2
    assert shown(1.0) > 0.5
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_judge_moves_with_the_images():
    """Where the images are on another device the judge goes there too; "meta" stands in for a GPU."""
    autoencoder = Autoencoder(1, 16, widths=(4, 4), latent=4, seed=0)
    judged = synthesizer._Judged(autoencoder, cnn(1, 16, widths=(4, 4), seed=0)).to("meta")
    assert judged(torch.zeros(2, 1, 16, 16, device="meta")).shape == (2, 256 + 10)


def test_judge_of_no_weight_changes_nothing(digits):
    train, _ = digits
    observed = corruption.permute(train, corruption.permutation(256, 0))[:100]
    options = {"capacity": 1, "widths": (16, 32), "latent": 64, "config": Config(epochs=2, batch=32, seed=0)}
    judge = synthesizer.Judge(cnn(1, 16, widths=(8, 16), seed=0), torch.zeros(100, dtype=torch.long), 0.0)
    plain = synthesizer.train_synthesizer(observed, train[:100], **options)
    judged = synthesizer.train_synthesizer(observed, train[:100], judge=judge, **options)
    difference = (plain(corruption.unit(observed)) - judged(corruption.unit(observed))).abs().max()
    assert difference < 1e-5
