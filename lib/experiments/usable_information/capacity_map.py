"""Notebook usable-information/03: three synthesizers from few pairs, and a map of capacities.

Parts, and what they say. ``found`` is the value of a record: "errors" (kinds, pairs, seeds), "learners" by reading, quantity and
source, "matching" a row a number of pairs. A *kind* of synthesizer is "linear", or the capacity of an autoencoder as text.
Source: Section 4, second direction, of "Restoring Task-Relevant Information in Synthetic Data", which has no numbers.
"""

import math
from collections.abc import Mapping, Sequence

import torch
from scipy.stats import spearmanr
from torch import Tensor

from lib import seeds
from lib.datasets.source import Source
from lib.experiments.usable_information import trainings
from lib.experiments.usable_information.trainings import Sets, accuracy_error
from lib.models.images.corruption import permutation, permute
from lib.models.images.linear_restorer import LinearRestorer
from lib.models.images.matching import match
from lib.models.images.similarity import squared_error
from lib.statistics import Estimate, mean_and_error, share
from lib.training import Config

NOTEBOOK = "usable-information/03"  # of the streams' names
READINGS, QUANTITIES = ("transfer", "matched"), ("accuracy", "bits", "bits_error")
ENOUGH = 20  # pairs, of the claim about exact inversion


def pairs(sets: Sets, seed: int, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """The permutation (values,) of a seed, and ``count`` of its pairs: order, observed and clean images (count, ...) uint8.

    Fewer pairs of a seed are the first of more. Checked by tests/experiments/usable_information/test_capacity_map.py.
    """
    order = trainings.order_of(sets, seed, NOTEBOOK)
    clean = sets.images[trainings.drawn(count, len(sets.images), generator=seeds.generator(seed, NOTEBOOK, "pairs"))]
    return order, permute(clean, order), clean


def restored(
    *,
    seed: int,
    images: Source,
    n_train: int,
    n_test: int,
    kind: str,
    n_pairs: int,
    steps: int,
    batch: int,
    rate: float,
    bf16: bool,
) -> dict[str, Tensor]:
    """Part: what a synthesizer of a kind, trained on ``n_pairs`` pairs, makes of the permuted images, "train" and "test"; uint8.

    ``steps``, ``batch``, ``rate`` and ``bf16`` are of the autoencoder's training.
    Checked by tests/experiments/usable_information/test_capacity_map.py.
    """
    sets = trainings.image_sets(images, n_train, n_test, n_pairs=n_pairs)
    order, observed, clean = pairs(sets, seed, n_pairs)
    if kind == "linear":
        return trainings.restored(LinearRestorer(observed, clean), sets, order)
    config = trainings.by_steps(
        steps, n_pairs, batch=batch, rate=rate, seed=seeds.number(seed, NOTEBOOK, "synthesizer")
    )
    model = trainings.fresh_synthesizer(observed, clean, sets.name, capacity=float(kind), config=config, bf16=bf16)
    return trainings.restored(model, sets, order)


def error(*, images: Source, n_train: int, n_test: int, restored: Mapping[str, Tensor]) -> float:
    """Part: mean squared error of restored images over those that measure, values in [0, 1].

    Checked by tests/experiments/usable_information/test_capacity_map.py.
    """
    sets = trainings.image_sets(images, n_train, n_test)
    return squared_error(restored["test"][: sets.measured], sets.test[: sets.measured]).mean().item()


def learner(
    *,
    seed: int,
    images: Source,
    n_train: int,
    n_test: int,
    source: str,
    alpha: float,
    epochs: int,
    rate: float,
    bf16: bool,
    restored: Mapping[str, Tensor] | None = None,
) -> dict[str, dict]:
    """Part: the two readings of a CNN of capacity ``alpha`` trained on a source: "original", "permuted", or images ``restored``.

    Checked by tests/experiments/usable_information/test_capacity_map.py.
    """
    sets = trainings.image_sets(images, n_train, n_test)
    order = trainings.order_of(sets, seed, NOTEBOOK)
    own = restored or (trainings.original(sets) if source == "original" else trainings.permuted(sets, order))
    model = trainings.fresh_learner(
        own["train"],
        sets.labels,
        sets,
        alpha=alpha,
        config=Config(epochs=epochs, learning_rate=rate, seed=seeds.number(seed, NOTEBOOK, "learner")),
        bf16=bf16,
        stop=trainings.stopping(own, sets),
    )
    return trainings.readings(model, sets, own["test"], count=sets.measured)


def matching(*, seed: int, images: Source, n_train: int, n_test: int, n_pairs: int, draws: int) -> dict[str, float]:
    """Part: permutations read from ``n_pairs`` pairs, ``draws`` times drawn afresh; draw k has one permutation for all.

    "exact", the share of draws after which every held-out image is restored; "right", the share of right values, with
    "right error", its standard error over draws; "squared error", mean over draws and images.
    Checked by tests/experiments/usable_information/test_capacity_map.py.
    """
    sets = trainings.image_sets(images, n_train, n_test, n_pairs=n_pairs)
    exact, squared, right = 0, [], []
    for draw in range(draws):
        order = permutation(sets.values, seeds.number(seed, NOTEBOOK, "matching", draw))
        generator = seeds.generator(seed, NOTEBOOK, "matching", draw, n_pairs)
        clean = sets.images[trainings.drawn(n_pairs, len(sets.images), generator=generator)]
        found = match(permute(clean, order), clean)
        restored = permute(permute(sets.test, order), found.order)
        exact += torch.equal(restored, sets.test)
        right.append((restored == sets.test).double().mean())
        squared.append(squared_error(restored, sets.test).mean())
    right_values = mean_and_error(torch.stack(right))
    return {
        "exact": exact / draws,
        "right": right_values.value,
        "right error": right_values.standard_error,
        "squared error": torch.stack(squared).double().mean().item(),
    }


def nearest_columns(*, seed: int, images: Source, n_train: int, n_test: int, n_pairs: int, noise: float = 1.0) -> float:
    """Mean squared error after matching by the nearest column, where the permuted images have ``noise`` grey levels of noise.

    Checked by tests/experiments/usable_information/test_capacity_map.py.
    """
    sets = trainings.image_sets(images, n_train, n_test, n_pairs=n_pairs)
    order, observed, clean = pairs(sets, seed, n_pairs)
    flat = observed.flatten(1).float()
    generator = seeds.generator(seed, NOTEBOOK, "noise of pixels", n_pairs)
    noisy = flat + noise * torch.randn(flat.shape, generator=generator)
    # for each clean value the permuted one that is most alike
    nearest = torch.cdist(clean.flatten(1).float().T, noisy.T).argmin(1)
    return squared_error(permute(permute(sets.test, order), nearest), sets.test).mean().item()


def by_reading(
    learned: Mapping[tuple, dict], kinds: Sequence, counts: Sequence, alphas: Sequence, run_seeds: Sequence
) -> dict:
    """The map as records keep it, by reading and quantity: "map" (kinds, pairs, alphas, seeds), "original" and "permuted"
    (alphas, seeds).

    ``learned``: readings by (kind, pairs, alpha, seed), and by ("original", 0, alpha, seed) and ("permuted", 0, alpha, seed).
    Checked by tests/experiments/usable_information/test_capacity_map.py.
    """

    def over(source: str, count: int, reading: str, quantity: str) -> list[list[float]]:
        return [[learned[source, count, alpha, s][reading][quantity] for s in run_seeds] for alpha in alphas]

    def of(reading: str, quantity: str) -> dict[str, list]:
        cells = [[over(kind, count, reading, quantity) for count in counts] for kind in kinds]
        return {"map": cells, **{source: over(source, 0, reading, quantity) for source in ("original", "permuted")}}

    return {reading: {quantity: of(reading, quantity) for quantity in QUANTITIES} for reading in READINGS}


def mean_map(found: Mapping, reading: str, quantity: str) -> Tensor:
    """(kinds, pairs, alphas, seeds) of learners of restored images."""
    return torch.tensor(found["learners"][reading][quantity]["map"], dtype=torch.float64)


def flat(found: Mapping, reading: str, quantity: str, source: str) -> Tensor:
    """(alphas, seeds) of the learners that saw the "original" or the "permuted" images."""
    return torch.tensor(found["learners"][reading][quantity][source], dtype=torch.float64)


def pooled_variance(by_seed: Tensor) -> float:
    """Variance between seeds of values (cells, seeds) to one cell, mean over the cells; 0 with one seed.

    Two seeds say next to nothing about the spread of one cell, and something about that of all.
    Checked by tests/experiments/usable_information/test_capacity_map.py.
    """
    return by_seed.var(1).mean().item() if by_seed.shape[1] > 1 else 0.0


def over_seeds(by_seed: Tensor, between: float, error_over_images: float) -> Estimate:
    """Mean over seeds (seeds,); its error over seeds, of variance ``between``, and over the test images that they share."""
    return Estimate(by_seed.mean().item(), math.sqrt(between / len(by_seed) + error_over_images**2))


def gain(found: Mapping, one: Tensor, other: Tensor, cells: Tensor) -> Estimate:
    """Difference of two accuracies (seeds,), with the error of both over the images; ``cells`` (.., seeds) pool the variance.

    Checked by tests/experiments/usable_information/test_capacity_map.py.
    """
    images_error = math.hypot(*(accuracy_error(each.mean().item(), found["test images"]) for each in (one, other)))
    return over_seeds(one - other, 2 * pooled_variance(cells.flatten(0, -2)), images_error)


def synthesizer_capacity(found: Mapping) -> Estimate:
    """Accuracy on clean images with the largest autoencoder less that with the smallest: most pairs, largest learner."""
    transfer = mean_map(found, "transfer", "accuracy")
    return gain(found, transfer[-2, -1, -1], transfer[0, -1, -1], transfer)


def more_pairs(found: Mapping) -> Estimate:
    """Accuracy on clean images with the most pairs less that with the fewest: best autoencoder, largest learner."""
    transfer = mean_map(found, "transfer", "accuracy")
    best = torch.tensor(found["errors"], dtype=torch.float64)[:-1].mean((1, 2)).argmin()
    return gain(found, transfer[best, -1, -1], transfer[best, 0, -1], transfer)


def advantage_over_permuted(found: Mapping) -> tuple[Tensor, Tensor]:
    """Matched V-information of autoencoders' images less that of permuted ones: mean and error, (capacities, pairs, alphas)."""
    bits, permuted = mean_map(found, "matched", "bits")[:-1], flat(found, "matched", "bits", "permuted")
    images_errors = mean_map(found, "matched", "bits_error")[:-1].mean(3)
    squares = images_errors**2 + flat(found, "matched", "bits_error", "permuted").mean(1) ** 2
    lead = bits - permuted
    return lead.mean(3), (pooled_variance(lead.flatten(0, 2)) / lead.shape[3] + squares).sqrt()


def headline(found: Mapping) -> dict[str, Estimate]:
    """The weakest evidence, not the smallest mean, for an advantage over permuted images: "everywhere", with the "most pairs".

    Checked by tests/experiments/usable_information/test_capacity_map.py.
    """
    lead, lead_error = advantage_over_permuted(found)
    weakest: dict[str, Estimate] = {}
    for name, mean, error_of in (("everywhere", lead, lead_error), ("most pairs", lead[:, -1], lead_error[:, -1])):
        at = (mean - 3 * error_of).argmin()
        weakest[name] = Estimate(mean.flatten()[at].item(), error_of.flatten()[at].item())
    return weakest


def rise_with_restoration(found: Mapping) -> Estimate:
    """Rise in accuracy from the smallest to the largest learner, at the best restoration less at the worst, by squared error."""
    transfer = mean_map(found, "transfer", "accuracy")
    rises = (transfer[:-1, :, -1] - transfer[:-1, :, 0]).flatten(0, 1)  # (capacities and pairs, seeds)
    ranked = torch.tensor(found["errors"], dtype=torch.float64)[:-1].mean(2).flatten().argsort()
    images_error = 2 * accuracy_error(0.5, found["test images"])
    return over_seeds(rises[ranked[0]] - rises[ranked[-1]], 2 * pooled_variance(rises), images_error)


def quality_against_bits(found: Mapping) -> Estimate | None:
    """Rank correlation over all restorations (synthesizers, numbers of pairs) of the squared error with the matched bits of the
    largest learner, means over seeds; its error is that of a correlation of n pairs, sqrt((1 - r^2) / (n - 2)).

    None where all bits are alike, as of learners that learned nothing: they have no ranks.
    Checked by tests/experiments/usable_information/test_capacity_map.py.
    """
    squared = torch.tensor(found["errors"], dtype=torch.float64).mean(2).flatten()
    bits = mean_map(found, "matched", "bits")[:, :, -1].clamp(min=0).mean(2).flatten()
    if len(squared) < 3 or squared.min() == squared.max() or bits.min() == bits.max():
        return None
    correlation = float(spearmanr(squared, bits).statistic)
    return Estimate(correlation, math.sqrt((1 - correlation**2) / (len(bits) - 2)))


def linear_against_autoencoder(found: Mapping) -> dict[str, Estimate]:
    """With the most pairs: squared error of least squares over that of the best autoencoder; matched accuracy less the best's.

    Checked by tests/experiments/usable_information/test_capacity_map.py.
    """
    squared = torch.tensor(found["errors"], dtype=torch.float64)[:, -1]  # (kinds, seeds)
    matched = mean_map(found, "matched", "accuracy")
    last = matched[:, -1, -1]
    return {
        "squared error": over_seeds(squared[-1] / squared[:-1].min(0).values, 0.0, 0.0),
        "accuracy": gain(found, last[-1], last[:-1][last[:-1].mean(1).argmax()], matched),
    }


def exact_inversion(found: Mapping, draws: int) -> dict[str, Estimate]:
    """Matching from ENOUGH pairs, or the next number that was tried: share of exact draws, and of right values.

    Checked by tests/experiments/usable_information/test_capacity_map.py.
    """
    row = next(row for row in found["matching"] if row["pairs"] >= ENOUGH)
    return {
        "twenty pairs": share(round(row["exact"] * draws), draws),
        "values": Estimate(row["right"], row.get("right error", 0.0)),
    }
