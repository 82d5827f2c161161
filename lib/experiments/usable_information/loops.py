"""Notebook usable-information/04, the loop: a synthesizer and a learner that teach one another, generation after generation.

A generation is a part made from the one before; its state is tensors, read by :func:`reading`. ``found`` is the value of a
record: "chains" (shares, seeds, generations) of readings, and "shares".
Source: Section 4, first and third direction, of "Restoring Task-Relevant Information in Synthetic Data", which asks and shows no
data; the loop's details are the book's.
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from lib import seeds
from lib.datasets.source import Source
from lib.experiments.usable_information import trainings
from lib.experiments.usable_information.trainings import Sets
from lib.models.images.corruption import permute, unit
from lib.models.images.similarity import squared_error
from lib.models.images.synthesizer import Judge
from lib.statistics import Estimate, mean_and_error
from lib.training import Config, predict

NOTEBOOK = "usable-information/04"  # of the streams' names
LEARNER = "learner/"  # before the names of a learner's weights in a state
ENOUGH = 0.1  # bits behind that count as none: a thirtieth of the entropy of ten labels


def by_steps(steps: int, count: int, *, rate: float, seed: int) -> Config:
    """A learner's training by at least ``steps`` steps on ``count`` images, in whole passes.

    Checked by tests/experiments/usable_information/test_loops.py.
    """
    passes = math.ceil(steps / max(1, count // trainings.LEARNER_BATCH))
    return Config(epochs=passes, batch=trainings.LEARNER_BATCH, learning_rate=rate, seed=seed)


def pairs(sets: Sets, seed: int, number: int, n_pairs: int) -> Tensor:
    """Rows (n_pairs,) of the images that are the pairs of a generation, the same for every share."""
    generator = seeds.generator(seed, NOTEBOOK, "pairs", number)
    return trainings.drawn(n_pairs, len(sets.images), generator=generator)


def answers(model: nn.Module, images: Tensor) -> Tensor:
    """Labels (N,) int64 that a learner gives to images (N, ...) uint8."""
    return predict(model, images, prepare=unit).argmax(1).cpu()


def learner_of(state: Mapping[str, Tensor], sets: Sets, alpha: float) -> nn.Sequential:
    """The trained learner of a generation, from its state. Checked by tests/experiments/usable_information/test_loops.py."""
    model = trainings.network(sets, alpha, 0)
    weights = {name.removeprefix(LEARNER): value for name, value in state.items() if name.startswith(LEARNER)}
    model.load_state_dict(weights)
    return model.eval()


def generation(
    *,
    seed: int,
    number: int,
    images: Source,
    n_train: int,
    n_test: int,
    n_pairs: int,
    synthesizer: Mapping[str, float],
    learner: Mapping[str, float],
    label_weight: float = 0.0,
    real: float = 1.0,
    previous: Mapping[str, Tensor] | None = None,
    bf16: bool = False,
) -> dict[str, Tensor]:
    """Part: one generation, from the state of the one before; number 0 has none, and everything about it is real.

    All shares of a seed have the same pairs, and what is real at a share is real at a larger one.

    Parameters
    ----------
    n_pairs : int
        Pairs of the synthesizer, a share ``real`` of them a clean image and a true label.
    synthesizer : mapping
        "capacity", and "steps", "batch", "rate" of its training.
    learner : mapping
        "alpha", and "steps", "rate" of its training.
    label_weight : float
        Of the judge's cross-entropy beside the squared error, in [0, inf). The judge is the learner before.
    real : float in [0, 1]

    Returns
    -------
    dict of tensors
        "train" and "test", restored images uint8; "labels" and "answers" (N,), what the learner learned and what it answers on
        "train"; its weights, "learner/...".

    Notes
    -----
    Raises ValueError for a number above 0 without a generation before, and the reverse.
    Checked by tests/experiments/usable_information/test_loops.py.
    """
    if (number == 0) != (previous is None):
        raise ValueError(
            f"number = {number} {'has' if previous else 'lacks'} a generation before; allowed: 0 without one"
        )
    sets = trainings.image_sets(images, n_train, n_test, n_pairs=n_pairs)
    order, chosen = trainings.order_of(sets, seed, NOTEBOOK), pairs(sets, seed, number, n_pairs)
    labels, targets, judge = sets.labels, sets.images[chosen], None
    if previous is not None:
        draws = torch.rand(len(sets.images), generator=seeds.generator(seed, NOTEBOOK, "real", number))
        labels = torch.where(draws < real, sets.labels, previous["answers"])
        targets = torch.where((draws < real)[chosen, None, None, None], targets, previous["train"][chosen])
        judge = Judge(learner_of(previous, sets, learner["alpha"]), labels[chosen], label_weight)
    by = seeds.number(seed, NOTEBOOK, "synthesizer", number)
    config = trainings.by_steps(
        synthesizer["steps"], n_pairs, batch=synthesizer["batch"], rate=synthesizer["rate"], seed=by
    )
    model = trainings.fresh_synthesizer(
        permute(sets.images[chosen], order),
        targets,
        sets.name,
        capacity=synthesizer["capacity"],
        config=config,
        bf16=bf16,
        judge=judge,
    )
    restored = trainings.restored(model, sets, order)
    by = seeds.number(seed, NOTEBOOK, "learner", number)
    taught = trainings.fresh_learner(
        restored["train"],
        labels,
        sets,
        alpha=learner["alpha"],
        config=by_steps(learner["steps"], len(labels), rate=learner["rate"], seed=by),
        bf16=bf16,
    )
    weights = {f"{LEARNER}{name}": value for name, value in taught.state_dict().items()}
    return {**restored, "labels": labels, "answers": answers(taught, restored["train"]), **weights}


def reading(
    *, images: Source, n_train: int, n_test: int, alpha: float, state: Mapping[str, Tensor]
) -> dict[str, object]:
    """Part: both readings of a generation's learner on all held-out images, the "squared error" of its restored ones, and the
    share of "right labels" that it learned.

    H_V(Y) is that of the true labels, so that pseudo-labels change one term only.
    Checked by tests/experiments/usable_information/test_loops.py.
    """
    sets = trainings.image_sets(images, n_train, n_test)
    model = learner_of(state, sets, alpha)
    return {
        **trainings.readings(model, sets, state["test"], count=len(sets.test)),
        "squared error": squared_error(state["test"], sets.test).mean().item(),
        "right labels": (state["labels"] == sets.labels).double().mean().item(),
    }


def relearned(
    *,
    seed: int,
    images: Source,
    n_train: int,
    n_test: int,
    learner: Mapping[str, float],
    state: Mapping[str, Tensor],
    bf16: bool = False,
) -> dict[str, object]:
    """Part: both readings of a fresh learner of a generation's images with their true labels, on all held-out images.

    What the images still hold, whatever became of the labels: nearer to the best of V than the loop's own learner, which learned
    answers. Arguments as for :func:`generation`. Checked by tests/experiments/usable_information/test_loops.py.
    """
    sets = trainings.image_sets(images, n_train, n_test)
    config = by_steps(
        learner["steps"], len(sets.labels), rate=learner["rate"], seed=seeds.number(seed, NOTEBOOK, "true labels")
    )
    model = trainings.fresh_learner(
        state["train"], sets.labels, sets, alpha=learner["alpha"], config=config, bf16=bf16, training="true labels"
    )
    return trainings.readings(model, sets, state["test"], count=len(sets.test))


def over_chains(found: Mapping, quantity: str, reading: str | None = None) -> Tensor:
    """(shares, seeds, generations) of one quantity, of a reading or of the generation itself.

    Checked by tests/experiments/usable_information/test_loops.py.
    """

    def value(entry: Mapping) -> float:
        return trainings.realized(quantity, entry[quantity] if reading is None else entry[reading][quantity])

    return torch.tensor(
        [[[value(entry) for entry in chain] for chain in by_seed] for by_seed in found["chains"]], dtype=torch.float64
    )


def over_seeds(by_seed: Tensor, *entries: Sequence[Sequence[Mapping]]) -> Estimate:
    """Mean over seeds (seeds,), and its error: over seeds if there are several, and over the test images that all seeds share.

    ``entries``: the readings that are compared, each a list over conditions of lists over seeds.
    Checked by tests/experiments/usable_information/test_loops.py.
    """
    over_images = sum(
        torch.tensor([[entry["matched"]["bits_error"] ** 2 for entry in row] for row in rows]).mean().item()
        for rows in entries
    )
    return mean_and_error(by_seed, within=over_images)


def lag(found: Mapping) -> Tensor:
    """(shares, seeds): matched bits of the all-real loop less those of each loop, last generation."""
    last = over_chains(found, "bits", "matched")[:, :, -1]
    return last[found["shares"].index(1)] - last


def enough(found: Mapping) -> str:
    """Between which shares of real data a loop comes within ENOUGH bits of the all-real one, in words.

    Checked by tests/experiments/usable_information/test_loops.py.
    """
    shares = found["shares"]
    short = [k for k, behind in enumerate(lag(found).mean(1)) if behind > ENOUGH]
    return f"between {shares[short[-1]]:g} and {shares[short[-1] + 1]:g}" if short else "from 0"


def _last(found: Mapping, share: int) -> list[list[Mapping]]:
    return [[chain[-1] for chain in found["chains"][share]]]


def collapse(found: Mapping) -> dict[str, Estimate]:
    """Bits lost from the first to the last generation with "nothing real", and behind the loop "against all real".

    Checked by tests/experiments/usable_information/test_loops.py.
    """
    none, everything = found["shares"].index(0), found["shares"].index(1)
    bits = over_chains(found, "bits", "matched")[none]
    first = [[chain[0] for chain in found["chains"][none]]]
    return {
        "nothing real": over_seeds(bits[:, 0] - bits[:, -1], first, _last(found, none)),
        "against all real": over_seeds(lag(found)[none], _last(found, none), _last(found, everything)),
    }


def largest_share_below_one(found: Mapping) -> Estimate:
    """Bits behind the all-real loop of the loop with the largest share of real data below one, last generation."""
    most, everything = len(found["shares"]) - 2, found["shares"].index(1)
    return over_seeds(lag(found)[most], _last(found, most), _last(found, everything))


def images_lost(found: Mapping) -> Estimate:
    """Bits that a fresh learner with true labels loses from generation 0 to the last one of the loop without real data.

    ``found["true labels"]``: a list over seeds of :func:`relearned` of the first and of the last generation.
    Checked by tests/experiments/usable_information/test_loops.py.
    """
    first, last = ([pair[place] for pair in found["true labels"]] for place in (0, 1))
    lost = [trainings.realized("bits", entry["matched"]["bits"]) for entry in (*first, *last)]
    by_seed = torch.tensor(lost[: len(first)], dtype=torch.float64) - torch.tensor(
        lost[len(first) :], dtype=torch.float64
    )
    return over_seeds(by_seed, [first], [last])
