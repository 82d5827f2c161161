"""What notebooks usable-information/02, 03 and 04 share: image sets, synthesizers and learners, and their two readings.

A source of training data is a mapping of "train" and "test": images (N, channels, size, size) uint8, and held-out ones of the
same kind. Restored ones are the value of a part, which other parts are made from. Each notebook gives its own seeds.
Source: Sections 2 and 4 of "Restoring Task-Relevant Information in Synthetic Data".
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lib import seeds
from lib.datasets.source import Source
from lib.models.images.autoencoder import Autoencoder
from lib.models.images.classifier import cnn
from lib.models.images.corruption import permutation, permute
from lib.models.images.image_sizes import SCALES, load_images
from lib.models.images.learner import evaluate, learn
from lib.models.images.synthesizer import Judge, restore, train_synthesizer
from lib.runs import checkpoint
from lib.statistics import share
from lib.training import Config, one_device

LEARNER_BATCH = 128  # images a step of a learner
PICKS = 5  # one of so many held-out images picks the epoch


class Sets(NamedTuple):
    """Labelled images to train on, and held-out ones.

    images, test : (N, channels, size, size) uint8; labels, test_labels : (N,) int64; name : of the data set.
    """

    images: Tensor
    labels: Tensor
    test: Tensor
    test_labels: Tensor
    name: str

    @property
    def values(self) -> int:
        """How many values an image has."""
        return self.images[0].numel()

    @property
    def measured(self) -> int:
        """The first so many held-out images measure; the rest, a fifth, may pick a learner's epoch."""
        return len(self.test) - len(self.test) // PICKS


def image_sets(source: Source, n_train: int, n_test: int | None = None, *, n_pairs: int = 0) -> Sets:
    """The first ``n_train`` training images of a set, and at most ``n_test`` held-out ones.

    Training images left over are as good as test images, and follow them. Raises ValueError, naming n_pairs, if there are fewer
    training images than that. Checked by tests/experiments/usable_information/test_trainings.py.
    """
    data = load_images(source)
    images, labels = data.train_images[:n_train], data.train_labels[:n_train]
    if n_pairs > len(images):
        raise ValueError(f"n_pairs = {n_pairs} needs as many training images; allowed: at most {len(images)}")
    test = torch.cat([data.test_images, data.train_images[n_train:]])[:n_test]
    test_labels = torch.cat([data.test_labels, data.train_labels[n_train:]])[:n_test]
    return Sets(images, labels, test, test_labels, source.name)


def original(sets: Sets) -> dict[str, Tensor]:
    """The images as they are."""
    return {"train": sets.images, "test": sets.test}


def order_of(sets: Sets, seed: int, notebook: str) -> Tensor:
    """The permutation (values,) int64 that a notebook's seed stands for: fixed, the same for all images."""
    return permutation(sets.values, seeds.number(seed, notebook, "permutation"))


def permuted(sets: Sets, order: Tensor) -> dict[str, Tensor]:
    """The images permuted by ``order`` (values,). Checked by tests/experiments/usable_information/test_trainings.py."""
    return {name: permute(images, order) for name, images in original(sets).items()}


def restored(model: nn.Module, sets: Sets, order: Tensor) -> dict[str, Tensor]:
    """What a synthesizer makes of the permuted images, as bytes on the processor."""
    return {name: restore(model, images) for name, images in permuted(sets, order).items()}


def drawn(count: int, total: int, *, generator: torch.Generator) -> Tensor:
    """``count`` different rows (count,) int64 of ``total``; the first ones of a larger draw from the same stream."""
    return torch.randperm(total, generator=generator)[:count]


def by_steps(steps: int, count: int, *, batch: int, rate: float, seed: int) -> Config:
    """The training of a synthesizer by at most about ``steps`` steps on ``count`` pairs, of which a tenth is held out.

    In whole passes, at least as many steps; it stops after a quarter of the passes, at least five, without a lower error.
    Checked by tests/experiments/usable_information/test_trainings.py.
    """
    passes = math.ceil(steps / max(1, count * 9 // 10 // batch))
    return Config(epochs=passes, batch=batch, learning_rate=rate, patience=max(5, passes // 4), seed=seed)


def fresh_synthesizer(
    observed: Tensor,
    clean: Tensor,
    name: str,
    *,
    capacity: float,
    config: Config,
    bf16: bool,
    judge: Judge | None = None,
) -> Autoencoder:
    """An autoencoder of the sizes for the data set ``name``, trained on pairs (N, channels, size, size) uint8.

    It keeps its state as the training "synthesizer" of the part that runs. See
    :func:`lib.models.images.synthesizer.train_synthesizer`. Checked by tests/experiments/usable_information/test_trainings.py.
    """
    return train_synthesizer(
        observed,
        clean,
        capacity=capacity,
        widths=SCALES[name].autoencoder,
        latent=SCALES[name].latent,
        judge=judge,
        config=config,
        checkpoint=checkpoint("synthesizer"),
        fabric=one_device(bf16),
    )


def network(sets: Sets, alpha: float, seed: int) -> nn.Sequential:
    """An untrained CNN of capacity ``alpha`` for these images."""
    return cnn(*sets.images.shape[1:3], alpha=alpha, widths=SCALES[sets.name].learner, seed=seed)


def fresh_learner(
    images: Tensor,
    labels: Tensor,
    sets: Sets,
    *,
    alpha: float,
    config: Config,
    bf16: bool,
    stop: tuple[Tensor, Tensor] | None = None,
    training: str = "learner",
) -> nn.Sequential:
    """A CNN trained on images (N, ...) uint8 with labels (N,); its weights start from ``config.seed``.

    ``stop``: images and labels whose loss picks the epoch, or None for the last; ``training``: the name under which it keeps its
    state. Checked by tests/experiments/usable_information/test_trainings.py.
    """
    return learn(
        network(sets, alpha, config.seed),
        images,
        labels,
        stop=stop,
        config=config,
        checkpoint=checkpoint(training),
        fabric=one_device(bf16),
    )


def stopping(shown: Mapping[str, Tensor], sets: Sets) -> tuple[Tensor, Tensor]:
    """The held-out images of a source that pick the epoch, with their labels."""
    return shown["test"][sets.measured :], sets.test_labels[sets.measured :]


def readings(
    model: nn.Module, sets: Sets, matched: Tensor, *, count: int, labels: Tensor | None = None
) -> dict[str, dict]:
    """Two readings of a learner on the first ``count`` held-out images: "transfer", clean ones, and "matched", those given.

    ``matched`` (N, channels, size, size) uint8 are the same images as the learner's source has them. ``labels``: those of its
    training, for H_V(Y); by default the true ones. Fields of :class:`lib.models.images.learner.Reading`.
    Checked by tests/experiments/usable_information/test_trainings.py.
    """
    labels = sets.labels if labels is None else labels
    return {
        name: evaluate(model, images[:count], sets.test_labels[:count], train_labels=labels)._asdict()
        for name, images in (("transfer", sets.test), ("matched", matched))
    }


def realized(quantity: str, value: float) -> float:
    """Bits below zero count as zero: V holds the class frequencies, so that V-information is never less.

    Checked by tests/experiments/usable_information/test_trainings.py.
    """
    return max(value, 0.0) if quantity == "bits" else value


def accuracy_error(accuracy: float, count: int) -> float:
    """Standard error of an accuracy over ``count`` test images, not 0 at 0 or 1: see :func:`lib.statistics.share`.

    ``accuracy`` may be a mean over learners; the nearest share of the images counts.
    Checked by tests/experiments/usable_information/test_trainings.py.
    """
    return share(round(accuracy * count), count).standard_error
