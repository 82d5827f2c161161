"""A learner's readings: by hand, against the formulas of an exact world, and on labels that hold no information."""

import math

import pytest
import torch
from torch import nn

from lib import datasets
from lib.models.images.classifier import cnn, mlp
from lib.models.images.learner import evaluate, learn
from lib.statistics import share
from lib.training import Config


class Fixed(nn.Module):
    """Logits that are read from the first pixels of the image: a learner whose answers are known."""

    def __init__(self, classes, scale=255.0):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))
        self.classes = classes

    def forward(self, x):
        return x.flatten(1)[:, : self.classes] * self.scale


def test_evaluate_by_hand():
    """Two classes, four images: probabilities, loss, accuracy and confusion written out."""
    images = torch.tensor([[2, 0], [2, 0], [0, 2], [2, 0]], dtype=torch.uint8).view(4, 1, 1, 2)
    labels = torch.tensor([0, 0, 1, 1])
    reading = evaluate(Fixed(2), images, labels, train_labels=torch.tensor([0, 1]))
    p = 1 / (1 + math.exp(-2))
    assert reading.accuracy == 0.75
    assert reading.bits == pytest.approx(1 + (3 * math.log2(p) + math.log2(1 - p)) / 4, rel=1e-6)
    gains = torch.tensor([1 + math.log2(p)] * 3 + [1 + math.log2(1 - p)])
    assert reading.bits_error == pytest.approx(gains.std().item() / 2, rel=1e-5)
    plugin = 0.5 * math.log2(0.5 / (0.75 * 0.5)) + 0.25 * math.log2(0.25 / (0.75 * 0.5)) + 0.25 * math.log2(1 / 0.5)
    assert reading.information == pytest.approx(plugin - (3 - 2 - 2 + 1) / (8 * math.log(2)), rel=1e-6)


def test_evaluate_refuses_a_label_without_training():
    images = torch.zeros(2, 1, 1, 2, dtype=torch.uint8)
    with pytest.raises(ValueError, match=r"labels = \[0, 1\], allowed: those of training, with counts \[2, 0\]"):
        evaluate(Fixed(2), images, torch.tensor([0, 1]), train_labels=torch.tensor([0, 0]))


def test_labels_without_information():
    """The control of the chapter: where labels were drawn without a look at the images, all readings are 0 within errors."""
    data = datasets.load("digits")
    generator = torch.Generator().manual_seed(0)
    labels, test_labels = (torch.randint(0, 10, (n,), generator=generator) for n in (1352, 445))
    reading = evaluate(trained_on(data, labels), data.test_images * 15, test_labels, train_labels=labels)
    assert reading.bits < 3 * reading.bits_error
    assert abs(reading.accuracy - 0.1) < 4 * share(44, 445).standard_error
    freedom = 81  # of a 10 x 10 table: 2 n ln 2 times its information is chi-squared with so many degrees
    assert abs(reading.information) < 4 * math.sqrt(2 * freedom) / (2 * 445 * math.log(2))


def test_shuffled_training_labels():
    """Trained on shuffled labels, tested on true ones: no V-information, and yet a table full of information.

    The network answers alike for alike images, whatever its answers are called. That is where two readings of one name part.
    """
    data = datasets.load("digits")
    shuffled = data.train_labels[torch.randperm(1352, generator=torch.Generator().manual_seed(0))]
    reading = evaluate(trained_on(data, shuffled), data.test_images * 15, data.test_labels, train_labels=shuffled)
    assert reading.bits < 3 * reading.bits_error
    assert reading.information > 0.5


def trained_on(data, labels):
    stop = (data.train_images[-200:] * 15, labels[-200:])
    config = Config(epochs=5, learning_rate=5e-3, seed=0)
    return learn(mlp(64, seed=0), data.train_images[:-200] * 15, labels[:-200], stop=stop, config=config)


def test_learns_and_keeps_the_best_epoch():
    """A CNN on digits: far above chance; the weights kept are those of the lowest loss on the stopping set."""
    data = datasets.load("digits")
    images, test = data.train_images * 15, data.test_images * 15
    config = Config(epochs=6, learning_rate=2e-2, seed=1)
    stop = (test[::2], data.test_labels[::2])
    network = learn(cnn(1, 8, widths=(8, 16), seed=1), images, data.train_labels, stop=stop, config=config)
    reading = evaluate(network, test[1::2], data.test_labels[1::2], train_labels=data.train_labels)
    assert reading.accuracy > 0.9
    assert 2.5 < reading.bits < math.log2(10)
    assert 2.5 < reading.information < math.log2(10)


def test_without_a_stopping_set_the_last_weights_stay():
    data = datasets.load("digits")
    images, config = data.train_images * 15, Config(epochs=6, learning_rate=2e-2, seed=1)
    network = learn(cnn(1, 8, widths=(8, 16), seed=1), images, data.train_labels, config=config)
    stopped = learn(
        cnn(1, 8, widths=(8, 16), seed=1),
        images,
        data.train_labels,
        stop=(images[:9], 9 - data.train_labels[:9]),
        config=config,
    )
    assert evaluate(network, images, data.train_labels, train_labels=data.train_labels).accuracy > 0.9
    assert not torch.equal(network[0].weight, stopped[0].weight)  # a set of wrong labels is least wrong at first
