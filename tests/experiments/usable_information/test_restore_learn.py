"""Restored images and what learners get out of each source, on a few digits."""

import pytest
import torch
from image_cases import SMALL

from lib.experiments.usable_information import restore_learn, trainings
from lib.models.images.classifier import cnn, mlp

TRAINING = {"epochs": 2, "rate": 0.005}
AUTOENCODER = {"n_pairs": 60, "capacity": 1.0, "epochs": 12, "batch": 16, "patience": 20, "rate": 0.01, "bf16": False}


@pytest.fixture(scope="module")
def restored():
    return restore_learn.restored(seed=0, **SMALL, **AUTOENCODER)


@pytest.fixture(scope="module")
def sets():
    return trainings.image_sets(SMALL["images"], SMALL["n_train"])


def test_restored(restored, sets):
    """Of all images, as bytes; the same each time; of another seed other ones."""
    assert {name: images.shape for name, images in restored.items()} == {
        "train": sets.images.shape,
        "test": sets.test.shape,
    }
    assert all(images.dtype == torch.uint8 for images in restored.values())
    short = AUTOENCODER | {"epochs": 1}
    one, again, other = (restore_learn.restored(seed=seed, **SMALL, **short) for seed in (1, 1, 2))
    assert torch.equal(one["test"], again["test"])
    assert not torch.equal(one["test"], other["test"])


def test_quality(restored, sets):
    """Squared errors by hand; restored images are nearer and more similar; the strip holds the images."""
    found = restore_learn.quality(seed=0, **SMALL, restored=restored)
    count = sets.measured
    errors = ((restored["test"][:count].double() - sets.test[:count]) / 255).square().flatten(1).mean(1)
    mean, error = found["restored"]["squared error"]
    assert mean == pytest.approx(errors.mean().item(), rel=1e-5)
    assert error == pytest.approx(errors.std().item() / count**0.5, rel=1e-5)
    assert mean < found["permuted"]["squared error"][0]
    assert found["restored"]["similarity"][0] > found["permuted"]["similarity"][0]
    for name, images in (("original", sets.test), ("restored", restored["test"])):
        strip = restore_learn.strip(found["strip"][name], 1, 16)
        assert strip.shape == (8, 16, 16, 1)
        assert torch.equal((strip * 255).round()[..., 0], images[:8, 0].float())


def test_shown(restored, sets):
    assert torch.equal(restore_learn.shown("original", sets, 0, None)["test"], sets.test)
    assert restore_learn.shown("restored", sets, 0, restored) is restored
    permuted = restore_learn.shown("permuted", sets, 0, None)["train"]
    assert torch.equal(permuted.flatten(1).sort(1)[0], sets.images.flatten(1).sort(1)[0])
    for source, images in (("restored", None), ("original", restored), ("blurred", None)):
        with pytest.raises(ValueError, match=f"source = '{source}' is not one of 'original', 'restored', 'permuted'"):
            restore_learn.shown(source, sets, 0, images)


def test_learner():
    """The originals have one reading twice, permuted images two. A learner of shuffled labels knows nothing of the true ones."""
    settings = {**SMALL, "n_train": 400, "alpha": 0.5, "epochs": 10, "rate": 0.01, "bf16": False}
    original = restore_learn.learner(seed=0, source="original", **settings)
    permuted = restore_learn.learner(seed=0, source="permuted", **settings)
    shuffled = restore_learn.learner(seed=0, source="original", shuffled=True, **settings)
    assert original["transfer"] == original["matched"]
    assert original["matched"]["accuracy"] > 0.4
    assert permuted["matched"]["accuracy"] > permuted["transfer"]["accuracy"] + 0.1
    assert shuffled["matched"]["bits"] < 3 * shuffled["matched"]["bits_error"]
    assert shuffled["matched"]["accuracy"] < 0.25


def test_perceptron(sets):
    """The twin on permuted images is the perceptron on the originals; its right answers are those that its accuracy counts."""
    original = restore_learn.perceptron(seed=1, source="original", **SMALL, **TRAINING)
    twin = restore_learn.perceptron(seed=1, source="permuted", twin=True, **SMALL, **TRAINING)
    plain = restore_learn.perceptron(seed=1, source="permuted", **SMALL, **TRAINING)
    assert twin["matched"]["bits"] == pytest.approx(original["matched"]["bits"], abs=1e-5)
    assert plain["matched"]["bits"] != pytest.approx(original["matched"]["bits"], abs=1e-4)
    right = restore_learn.unpacked(original["right"], sets.measured)
    assert right.mean().item() == pytest.approx(original["matched"]["accuracy"])


def test_right_answers(sets):
    model = mlp(256, seed=0)
    count = 21  # not a multiple of eight
    right = restore_learn.right_answers(model, sets.test[:count], sets.test_labels[:count])
    decided = model(sets.test[:count] / 255).argmax(1)
    assert restore_learn.unpacked(right, count).tolist() == (decided == sets.test_labels[:count]).double().tolist()


def test_without_positions(monkeypatch):
    """A mean over positions cannot tell an image from one whose last block is moved; the usual head can."""
    made = []
    monkeypatch.setattr(restore_learn, "learn", lambda model, *_, **__: made.append(model))
    for pooled in (False, True):
        restore_learn.without_positions(seed=0, source="original", pooled=pooled, **SMALL, **TRAINING)
    assert len(made[0]) == len(cnn(1, 16, seed=0))
    blocks = made[0][:-2](torch.rand(3, 1, 16, 16))  # (3, channels, 2, 2)
    heads = [made[0][-2:], made[1][-3:]]
    moved = [torch.allclose(head(blocks), head(blocks.flip(3)), atol=1e-6) for head in heads]
    assert moved == [False, True]


def test_shannon_information():
    """Four images, two of them equal with different labels: 1.5 bits of images, 1 of labels, 2 of pairs leave half a bit."""
    images = torch.tensor([[0, 1], [0, 1], [2, 3], [4, 5]], dtype=torch.uint8)
    assert restore_learn.shannon_information(images, torch.tensor([0, 1, 0, 1])) == pytest.approx(0.5)
    assert restore_learn.shannon_information(images.flip(1), torch.tensor([0, 1, 0, 1])) == pytest.approx(0.5)
    assert restore_learn.shannon_information(images * 0, torch.tensor([0, 1, 0, 1])) == pytest.approx(0)  # no bijection
