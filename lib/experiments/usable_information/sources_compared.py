"""What the readings of notebook usable-information/02 say: sources by capacity, the controls, the measured claims.

``found`` is the value of a record: "learners" holds, for each source, a list (seeds, alphas) of the two readings; "perceptrons",
"shuffled" and "quality" are lists over seeds (:mod:`lib.experiments.usable_information.restore_learn`). Seeds share their test
images, so the error over images does not fall with the seeds.
"""

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from lib.experiments.usable_information.restore_learn import SOURCES, unpacked
from lib.experiments.usable_information.trainings import accuracy_error, realized
from lib.statistics import Estimate, difference, mean_and_error

READINGS = ("transfer", "matched")
Signed = tuple[str, str, float]  # source, reading, sign


def over_seeds_and_images(by_seed: Tensor, errors: Tensor) -> Estimate:
    """Mean over seeds (seeds,) with the errors over their common test images (seeds,) added once.

    Checked by tests/experiments/usable_information/test_sources_compared.py.
    """
    return mean_and_error(by_seed, within=errors.mean().item() ** 2)


def quality_of(found: Mapping, quantity: str, source: str) -> Estimate:
    """Distance of a source's test images to the originals: "squared error" or "similarity"."""
    pairs = torch.tensor([each[source][quantity] for each in found["quality"]], dtype=torch.float64)  # (seeds, 2)
    return over_seeds_and_images(pairs[:, 0], pairs[:, 1])


def table(found: Mapping, source: str, reading: str, quantity: str) -> Tensor:
    """(seeds, alphas) of one quantity of the learners; bits below zero count as zero.

    Checked by tests/experiments/usable_information/test_sources_compared.py.
    """
    rows = [[realized(quantity, learner[reading][quantity]) for learner in row] for row in found["learners"][source]]
    return torch.tensor(rows, dtype=torch.float64)


def errors_over_images(found: Mapping, source: str, reading: str, quantity: str) -> Tensor:
    """(seeds, alphas): the error that the draw of the test images leaves.

    That of the bits stands for the plug-in information's too, which is of the same size.
    """
    if quantity == "accuracy":
        return table(found, source, reading, quantity).apply_(lambda a: accuracy_error(a, found["test images"]))
    rows = [[learner[reading]["bits_error"] for learner in row] for row in found["learners"][source]]
    return torch.tensor(rows, dtype=torch.float64)


def over_alphas(found: Mapping, quantity: str, *signed: Signed) -> tuple[Tensor, Tensor]:
    """Mean and standard error (alphas,) of a signed sum of (source, reading, sign), seed by seed.

    For a difference the errors over images are added as if they were independent, which is on the safe side.
    Checked by tests/experiments/usable_information/test_sources_compared.py.
    """
    total = sum(sign * table(found, source, reading, quantity) for source, reading, sign in signed)
    squares = sum(
        (sign * errors_over_images(found, source, reading, quantity)) ** 2 for source, reading, sign in signed
    )
    between = total.var(0) / len(total) if len(total) > 1 else torch.zeros(())
    return total.mean(0), (between + squares.mean(0)).sqrt()


def best(found: Mapping, source: str) -> dict[str, dict[str, Estimate]]:
    """Readings of a source's learners at its capacity of the highest accuracy, by reading and quantity.

    Checked by tests/experiments/usable_information/test_sources_compared.py.
    """
    chosen: dict[str, dict[str, Estimate]] = {}
    for reading in READINGS:
        at = int(over_alphas(found, "accuracy", (source, reading, 1))[0].argmax())
        chosen[reading] = {
            quantity: Estimate(*(each[at].item() for each in over_alphas(found, quantity, (source, reading, 1))))
            for quantity in ("accuracy", "bits", "information")
        }
    return chosen


def least_certain(found: Mapping, quantity: str, reading: str, more: str, less: str) -> Estimate:
    """The weakest evidence among the capacities that one source is above another; not the smallest mean.

    Checked by tests/experiments/usable_information/test_sources_compared.py.
    """
    means, errors = over_alphas(found, quantity, (more, reading, 1), (less, reading, -1))
    least = int((means - 3 * errors).argmin())
    return Estimate(means[least].item(), errors[least].item())


def most_bits(found: Mapping, source: str, reading: str) -> Estimate:
    """V-information at the capacity where it is highest."""
    means, errors = over_alphas(found, "bits", (source, reading, 1))
    most = int(means.argmax())
    return Estimate(means[most].item(), errors[most].item())


def rise(found: Mapping, *signed: Signed) -> Estimate | None:
    """What a signed sum of accuracies gains from the smallest to the largest capacity; None for one capacity.

    Checked by tests/experiments/usable_information/test_sources_compared.py.
    """
    if len(found["alphas"]) < 2:
        return None
    total = sum(sign * table(found, source, reading, "accuracy") for source, reading, sign in signed)
    squares = sum(
        (sign * errors_over_images(found, source, reading, "accuracy")) ** 2 for source, reading, sign in signed
    )
    return over_seeds_and_images(total[:, -1] - total[:, 0], (squares[:, -1] + squares[:, 0]).sqrt())


def least_certain_step(found: Mapping, source: str) -> Estimate | None:
    """The weakest evidence that accuracy on clean images rises from one capacity to the next one tried; not the smallest mean.

    None for one capacity.
    Checked by tests/experiments/usable_information/test_sources_compared.py.
    """
    steps = table(found, source, "transfer", "accuracy").diff(dim=1)  # (seeds, alphas - 1)
    errors = errors_over_images(found, source, "transfer", "accuracy").square()
    errors = (errors[:, 1:] + errors[:, :-1]).sqrt()
    all_steps = [over_seeds_and_images(steps[:, k], errors[:, k]) for k in range(steps.shape[1])]
    return min(all_steps, key=lambda step: step.value - 3 * step.standard_error, default=None)


def deepest_dip(found: Mapping, source: str) -> Estimate | None:
    """How far accuracy on clean images at one capacity lies below the mean of its two neighbours, where that is most certain.

    Below zero: it lies above them everywhere. None: fewer than three capacities have no dip to be measured.
    Checked by tests/experiments/usable_information/test_sources_compared.py.
    """
    accuracy = table(found, source, "transfer", "accuracy")  # (seeds, alphas)
    if accuracy.shape[1] < 3:
        return None
    depth = (accuracy[:, :-2] + accuracy[:, 2:]) / 2 - accuracy[:, 1:-1]
    squares = errors_over_images(found, source, "transfer", "accuracy").square()
    errors = ((squares[:, :-2] + squares[:, 2:]) / 4 + squares[:, 1:-1]).sqrt()
    dips = [over_seeds_and_images(depth[:, k], errors[:, k]) for k in range(depth.shape[1])]
    return max(dips, key=lambda dip: dip.value - 3 * dip.standard_error)


def bend(found: Mapping, source: str) -> Estimate | None:
    """Exponent of the error rate in the capacity over the lowest doubling less that over the highest; a power law has 0.

    None where there is only one doubling, or an error rate of 0, which has no logarithm.
    Checked by tests/experiments/usable_information/test_sources_compared.py.
    """
    own = torch.tensor(found["alphas"], dtype=torch.float64)
    error_rates = 1 - table(found, source, "transfer", "accuracy")  # (seeds, alphas)
    if own[-1] <= 2 * own[0] or not error_rates.min() > 0:
        return None
    places = torch.stack([own[0], 2 * own[0], own[-1] / 2, own[-1]]).log().numpy()

    def at_places(rows: Tensor) -> Tensor:
        return torch.from_numpy(np.stack([np.interp(places, own.log(), row) for row in rows]))  # (seeds, 4)

    logs = at_places(error_rates.log2())
    relative = at_places(errors_over_images(found, source, "transfer", "accuracy") / error_rates / math.log(2))
    return over_seeds_and_images((logs[:, 0] - logs[:, 1]) - (logs[:, 2] - logs[:, 3]), relative.square().sum(1).sqrt())


def share_restored(found: Mapping, reading: str) -> Estimate | None:
    """(restored - permuted) / (original - permuted) of the accuracies, each averaged over the capacities, by seed.

    None if a seed's originals and permuted images are learned equally well: nothing is lost.
    Checked by tests/experiments/usable_information/test_sources_compared.py.
    """
    original, restored, permuted = (table(found, source, reading, "accuracy").mean(1) for source in SOURCES)
    lost = original - permuted
    if not lost.abs().min() > 0:
        return None
    images_error = accuracy_error(0.5, found["test images"]) * math.sqrt(2) / lost.abs()
    return over_seeds_and_images((restored - permuted) / lost, images_error)


def matched_accuracies(found: Mapping, source: str) -> Tensor:
    """(seeds,) of the perceptrons trained on a source, or of the "twin"."""
    return torch.tensor([each["matched"]["accuracy"] for each in found["perceptrons"][source]], dtype=torch.float64)


def loss_to_permutation(found: Mapping) -> Estimate:
    """Accuracy that the perceptron loses to the permutation, matched; the test images are the same, so the error is a paired one.

    Checked by tests/experiments/usable_information/test_sources_compared.py.
    """
    original, permuted = (
        torch.stack([unpacked(each["right"], found["test images"]) for each in found["perceptrons"][source]])
        for source in ("original", "permuted")
    )
    lost = original - permuted  # (seeds, images)
    return over_seeds_and_images(lost.mean(1), lost.std(1) / math.sqrt(lost.shape[1]))


def largest_twin_difference(found: Mapping) -> float:
    """Largest difference over seeds between the matched accuracies of a perceptron and its twin."""
    return (matched_accuracies(found, "original") - matched_accuracies(found, "twin")).abs().max().item()


def shuffled_reading(found: Mapping, quantity: str) -> Estimate:
    """Of the CNNs trained on shuffled labels, on clean images with their true labels."""
    own = [realized(quantity, each["matched"][quantity]) for each in found["shuffled"]]
    means = torch.tensor(own, dtype=torch.float64)
    errors = torch.tensor([each["matched"]["bits_error"] for each in found["shuffled"]], dtype=torch.float64)
    return over_seeds_and_images(means, errors)


def figure_one_left(found: Mapping) -> dict[str, Estimate]:
    """Squared error of restored images over that of permuted ones; structural similarity of the former less that of the latter.

    Checked by tests/experiments/usable_information/test_sources_compared.py.
    """
    restored, permuted = (quality_of(found, "squared error", source) for source in ("restored", "permuted"))
    ratio = restored.value / permuted.value
    relative = math.hypot(restored.standard_error / restored.value, permuted.standard_error / permuted.value)
    similar = [quality_of(found, "similarity", source) for source in ("restored", "permuted")]
    return {"squared error": Estimate(ratio, ratio * relative), "structural similarity": difference(*similar)}
