"""Image sets, fresh networks and readings that three notebooks share."""

import math

import pytest
import torch
from image_cases import DIGITS

from lib import seeds
from lib.datasets.source import Source
from lib.experiments.usable_information import trainings
from lib.models.images.corruption import permute
from lib.models.images.image_sizes import load_images
from lib.training import Config


@pytest.fixture(scope="module")
def sets():
    return trainings.image_sets(DIGITS, 120, 100)


def test_image_sets():
    """Training images that are not used follow the test images; nothing is in both."""
    data = load_images(DIGITS)
    whole = trainings.image_sets(DIGITS, 1000)
    assert torch.equal(whole.images, data.train_images[:1000])
    assert torch.equal(whole.test, torch.cat([data.test_images, data.train_images[1000:]]))
    assert torch.equal(whole.test_labels, torch.cat([data.test_labels, data.train_labels[1000:]]))
    some = trainings.image_sets(DIGITS, 10**6, 103)
    assert len(some.images) == len(data.train_images)
    assert (len(some.test), some.measured, some.values) == (103, 83, 256)


def test_too_many_pairs():
    with pytest.raises(ValueError, match="n_pairs = 121 needs as many training images; allowed: at most 120"):
        trainings.image_sets(DIGITS, 120, n_pairs=121)
    with pytest.raises(ValueError, match="source = 'amazon' is not one of"):
        trainings.image_sets(Source("amazon"), 120)


def test_permuted(sets):
    """By the seed's order, undone by its inverse; another seed and another notebook have another one."""
    order = trainings.order_of(sets, 3, "a")
    permuted = trainings.permuted(sets, order)
    assert torch.equal(permute(permuted["train"], order.argsort()), sets.images)
    assert torch.equal(permute(permuted["test"], order.argsort()), sets.test)
    others = [trainings.order_of(sets, *name) for name in ((4, "a"), (3, "b"))]
    assert not any(torch.equal(order, other) for other in others)


def test_drawn():
    few, more = (trainings.drawn(count, 50, generator=seeds.generator(1, "pairs")) for count in (5, 20))
    assert torch.equal(more[:5], few)
    assert len(set(more.tolist())) == 20


@pytest.mark.parametrize(
    ("steps", "count", "batch", "passes"), [(130, 120, 32, 44), (1500, 5000, 64, 22), (3, 10, 32, 3)]
)
def test_by_steps(steps, count, batch, passes):
    """At least so many steps of whole batches of nine tenths of the pairs, and less than a pass more."""
    config = trainings.by_steps(steps, count, batch=batch, rate=0.01, seed=1)
    per_pass = max(1, count * 9 // 10 // batch)
    assert config.epochs == passes
    assert steps <= passes * per_pass < steps + per_pass
    assert config.patience == max(5, math.floor(passes / 4))


def test_fresh_learner(sets):
    """Its start is the seed's, its training the same each time, and it stops at the epoch that the stopping set picks."""
    config = Config(epochs=2, learning_rate=0.01, seed=5)
    one, again = (
        trainings.fresh_learner(sets.images, sets.labels, sets, alpha=0.5, config=config, bf16=False) for _ in range(2)
    )
    start = trainings.network(sets, 0.5, 5)
    assert torch.equal(one[0].weight, again[0].weight)
    assert one[0].weight.shape == start[0].weight.shape
    assert not torch.equal(one[0].weight, start[0].weight)
    images, labels = trainings.stopping(trainings.original(sets), sets)
    assert torch.equal(images, sets.test[80:])
    assert torch.equal(labels, sets.test_labels[80:])


def test_fresh_synthesizer(sets):
    """Nearer to the originals than permuted images are, and of the capacity that was asked for."""
    order = trainings.order_of(sets, 0, "a")
    config = trainings.by_steps(40, 120, batch=32, rate=0.01, seed=2)
    observed = trainings.permuted(sets, order)["train"]
    model = trainings.fresh_synthesizer(observed, sets.images, sets.name, capacity=0.5, config=config, bf16=False)
    assert model.encoder[0].out_channels == 8
    restored = trainings.restored(model, sets, order)
    assert restored["train"].shape == sets.images.shape
    assert restored["test"].dtype == torch.uint8
    before, after = ((images.float() - sets.images).square().mean() for images in (observed, restored["train"]))
    assert after < 0.6 * before


def test_readings(sets):
    """On the first images only; a source that is clean has twice the same reading."""
    config = Config(epochs=3, learning_rate=0.01, seed=1)
    model = trainings.fresh_learner(sets.images, sets.labels, sets, alpha=1, config=config, bf16=False)
    found = trainings.readings(model, sets, sets.test, count=60)
    assert found["transfer"] == found["matched"]
    right = (model(sets.test[:60] / 255).argmax(1) == sets.test_labels[:60]).double().mean().item()
    assert found["matched"]["accuracy"] == pytest.approx(right)
    more = torch.cat([sets.labels, torch.zeros(60, dtype=torch.long)])  # H_V(Y) is that of other class frequencies
    other = trainings.readings(model, sets, sets.test, count=60, labels=more)
    null = [
        -(labels.bincount() / len(labels)).log2()[sets.test_labels[:60]].mean().item() for labels in (sets.labels, more)
    ]
    assert other["matched"]["bits"] - found["matched"]["bits"] == pytest.approx(null[1] - null[0], rel=1e-4)


def test_accuracy_error():
    """Near the binomial error for many images, and not 0 at the ends."""
    assert trainings.accuracy_error(0.3, 10**6) == pytest.approx(math.sqrt(0.21 / 10**6), rel=1e-4)
    assert trainings.accuracy_error(0.0, 100) == pytest.approx(trainings.accuracy_error(1.0, 100))
    assert trainings.accuracy_error(0.0, 100) > 0.01
