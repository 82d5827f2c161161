"""Parts of notebook usable-information/02: images restored from few pairs, and what learners get out of each source.

Source: Sections 2 and 3 and Figure 1 of "Restoring Task-Relevant Information in Synthetic Data". What the readings say:
:mod:`lib.experiments.usable_information.sources_compared`.
"""

import base64
from collections.abc import Mapping

import numpy as np
import torch
from scipy.stats import entropy
from torch import Tensor, nn

from lib import seeds
from lib.datasets.source import Source
from lib.experiments.usable_information import trainings
from lib.experiments.usable_information.trainings import Sets
from lib.models.images.classifier import mlp, permute_inputs
from lib.models.images.corruption import unit
from lib.models.images.learner import evaluate, learn
from lib.models.images.similarity import squared_error, structural_similarity
from lib.runs import checkpoint
from lib.statistics import mean_and_error
from lib.training import Config, predict

NOTEBOOK = "usable-information/02"  # of the streams' names
SOURCES = ("original", "restored", "permuted")
STRIP = 8  # test images that the left panel of Figure 1 shows
FEW = 1300  # images, at most, for the comparison with a mean over positions


def restored(
    *,
    seed: int,
    images: Source,
    n_train: int,
    n_pairs: int,
    capacity: float,
    epochs: int,
    batch: int,
    patience: int,
    rate: float,
    bf16: bool,
) -> dict[str, Tensor]:
    """Part: the restored images of one seed, "train" and "test", from an autoencoder trained on its pairs; uint8.

    Checked by tests/experiments/usable_information/test_restore_learn.py.
    """
    sets = trainings.image_sets(images, n_train, n_pairs=n_pairs)
    order = trainings.order_of(sets, seed, NOTEBOOK)
    rows = trainings.drawn(n_pairs, len(sets.images), generator=seeds.generator(seed, NOTEBOOK, "pairs"))
    model = trainings.fresh_synthesizer(
        trainings.permuted(sets, order)["train"][rows],
        sets.images[rows],
        sets.name,
        capacity=capacity,
        config=Config(
            epochs=epochs,
            batch=batch,
            learning_rate=rate,
            patience=patience,
            seed=seeds.number(seed, NOTEBOOK, "synthesizer"),
        ),
        bf16=bf16,
    )
    return trainings.restored(model, sets, order)


def shown(source: str, sets: Sets, seed: int, restored: Mapping[str, Tensor] | None) -> Mapping[str, Tensor]:
    """Training and test images of one of SOURCES; "restored" are those given. Raises ValueError for another source.

    Checked by tests/experiments/usable_information/test_restore_learn.py.
    """
    if source not in SOURCES or (source == "restored") != (restored is not None):
        raise ValueError(
            f"source = {source!r} is not one of {', '.join(map(repr, SOURCES))}, the second with its images"
        )
    if restored is not None:
        return restored
    order = trainings.order_of(sets, seed, NOTEBOOK)
    return trainings.original(sets) if source == "original" else trainings.permuted(sets, order)


def quality(*, seed: int, images: Source, n_train: int, restored: Mapping[str, Tensor]) -> dict[str, object]:
    """Part: how far permuted and restored test images are from the originals, and a strip of eight of each source.

    For "permuted" and "restored": "squared error", values in [0, 1], and "similarity" (structural), each as its mean over the
    measuring images and the error of it. "strip": their bytes in base 64, see :func:`strip`.
    Checked by tests/experiments/usable_information/test_restore_learn.py.
    """
    sets = trainings.image_sets(images, n_train)
    tests = {
        "original": sets.test,
        "permuted": shown("permuted", sets, seed, None)["test"],
        "restored": restored["test"],
    }
    clean, found = sets.test[: sets.measured], {}
    for source in ("permuted", "restored"):
        test = tests[source][: sets.measured]
        found[source] = {
            "squared error": mean_and_error(squared_error(test, clean)),
            "similarity": mean_and_error(structural_similarity(test, clean)),
        }
    strips = {source: base64.b64encode(test[:STRIP].numpy().tobytes()).decode() for source, test in tests.items()}
    return {**found, "strip": strips}


def strip(text: str, channels: int, size: int) -> Tensor:
    """The images of a strip, (8, size, size, channels) in [0, 1]. Checked with :func:`quality`."""
    raw = torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.uint8)
    return unit(raw.view(-1, channels, size, size).permute(0, 2, 3, 1))


def learner(
    *,
    seed: int,
    images: Source,
    n_train: int,
    source: str,
    alpha: float,
    epochs: int,
    rate: float,
    bf16: bool,
    restored: Mapping[str, Tensor] | None = None,
    shuffled: bool = False,
) -> dict[str, dict]:
    """Part: the two readings of a CNN of capacity ``alpha`` trained on one of SOURCES.

    Learners of one seed and capacity start from the same weights, and see the images in the same order.
    ``shuffled``: it learns labels dealt out at random; then no stopping set picks its epoch, since that has true labels.
    Checked by tests/experiments/usable_information/test_restore_learn.py.
    """
    sets = trainings.image_sets(images, n_train)
    own, labels = shown(source, sets, seed, restored), sets.labels
    if shuffled:
        labels = labels[torch.randperm(len(labels), generator=seeds.generator(seed, NOTEBOOK, "shuffled labels"))]
    model = trainings.fresh_learner(
        own["train"],
        labels,
        sets,
        alpha=alpha,
        config=Config(epochs=epochs, learning_rate=rate, seed=seeds.number(seed, NOTEBOOK, "learner")),
        bf16=bf16,
        stop=None if shuffled else trainings.stopping(own, sets),
    )
    return trainings.readings(model, sets, own["test"], count=sets.measured, labels=labels)


def perceptron(
    *,
    seed: int,
    images: Source,
    n_train: int,
    source: str,
    epochs: int,
    rate: float,
    restored: Mapping[str, Tensor] | None = None,
    twin: bool = False,
) -> dict[str, object]:
    """Part: the two readings of a multilayer perceptron in full precision, and its "right" answers: see :func:`right_answers`.

    ``twin``: the columns of its first layer are permuted along with the pixels, so that on permuted images it is to rounding what
    the perceptron without is on the originals. Checked by tests/experiments/usable_information/test_restore_learn.py.
    """
    from lightning_fabric import Fabric  # takes as long to import as torch

    sets = trainings.image_sets(images, n_train)
    own = shown(source, sets, seed, restored)
    config = Config(epochs=epochs, learning_rate=rate, seed=seeds.number(seed, NOTEBOOK, "perceptron"))
    model: nn.Module = mlp(sets.values, seed=config.seed)
    if twin:
        model = permute_inputs(model, trainings.order_of(sets, seed, NOTEBOOK))
    learn(
        model,
        own["train"],
        sets.labels,
        stop=trainings.stopping(own, sets),
        config=config,
        checkpoint=checkpoint("perceptron"),
        fabric=Fabric(devices=1, precision="32-true"),
    )
    found = trainings.readings(model, sets, own["test"], count=sets.measured)
    return {**found, "right": right_answers(model, own["test"][: sets.measured], sets.test_labels[: sets.measured])}


def right_answers(model: nn.Module, images: Tensor, labels: Tensor) -> str:
    """Which answers are right, a bit each, in base 64: for errors of differences on the same images.

    :func:`unpacked` reads them. Checked by tests/experiments/usable_information/test_restore_learn.py.
    """
    decided = predict(model, images, prepare=unit).argmax(1).cpu()
    return base64.b64encode(np.packbits((decided == labels).numpy())).decode()


def unpacked(right: str, count: int) -> Tensor:
    """The right answers (count,) float64, 1 for right, of :func:`right_answers`."""
    bits = np.frombuffer(base64.b64decode(right), dtype=np.uint8)
    return torch.from_numpy(np.unpackbits(bits, count=count).astype(float))


def without_positions(
    *, seed: int, images: Source, n_train: int, source: str, pooled: bool, epochs: int, rate: float
) -> float:
    """Part: matched accuracy of a CNN of capacity 1 on at most FEW images, its last block read position by position or, if
    ``pooled``, by its mean over positions. Checked by tests/experiments/usable_information/test_restore_learn.py.
    """
    sets = trainings.image_sets(images, n_train)
    own, few = shown(source, sets, seed, None), slice(0, FEW)
    config = Config(epochs=epochs, learning_rate=rate, seed=seeds.number(seed, NOTEBOOK, "few images"))
    model = trainings.network(sets, 1, config.seed)
    if pooled:
        width = next(layer.num_features for layer in reversed(model) if isinstance(layer, nn.BatchNorm2d))
        with seeds.everywhere(seed, NOTEBOOK, "head over positions"):
            head = nn.Linear(width, model[-1].out_features)
        model = nn.Sequential(*model[:-2], nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)
    learn(model, own["train"][few], sets.labels[few], config=config)
    count = sets.measured
    return evaluate(model, own["test"][:count], sets.test_labels[:count], train_labels=sets.labels[few]).accuracy


def shannon_information(images: Tensor, labels: Tensor) -> float:
    """I(X; Y) in bits of the images (N, ...) uint8 and labels (N,) of a set, each as likely: equal images are one value of X.

    Checked by tests/experiments/usable_information/test_restore_learn.py.
    """
    _, kind = np.unique(images.flatten(1).numpy(), axis=0, return_inverse=True)
    pairs = np.unique(np.stack([kind, labels.numpy()]), axis=1, return_counts=True)[1]
    entropies = [entropy(counts, base=2) for counts in (np.bincount(kind), np.bincount(labels), pairs)]
    return float(entropies[0] + entropies[1] - entropies[2])
