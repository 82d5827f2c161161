"""Notebook usable-information/04, the verifier: a CNN that saw the real pairs rejects restored images with their labels.

Only the pairs of generation 0 have labels; a first CNN, trained on their restored images, labels the rest. ``found`` is the value
of a record: "verified" by kind of labels and by judge, a list (rejected shares, seeds) of readings, and "rejected", the shares.
Source: Section 4, third direction, of "Restoring Task-Relevant Information in Synthetic Data"; the details are the book's.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from lib import seeds
from lib.datasets.source import Source
from lib.experiments.usable_information import loops, trainings
from lib.models.images.corruption import unit
from lib.models.images.learner import evaluate
from lib.statistics import Estimate
from lib.training import predict

# who rejects, by kind of labels; the last one rejects the lowest scores of all labels together, the others of each label
JUDGES = {"true": ("verifier", "random"), "pseudo": ("verifier", "random", "oracle", "verifier, all labels together")}


def scores(verifier: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """Probability (N,) that a verifier gives to each label (N,) of images (N, ...) uint8.

    Checked by tests/experiments/usable_information/test_image_verifiers.py.
    """
    probabilities = predict(verifier, images, prepare=unit).float().softmax(1).cpu()
    return probabilities.gather(1, labels[:, None])[:, 0]


def rank_within(score: Tensor, labels: Tensor) -> Tensor:
    """Rank in (0, 1] of each score (N,) among those of the same label, so that a rejection takes the same share of every label.

    Checked by tests/experiments/usable_information/test_image_verifiers.py.
    """
    ranks = torch.zeros(len(score))
    for label in labels.unique():
        members = (labels == label).nonzero()[:, 0]
        ranks[members] = (score[members].argsort().argsort() + 1) / len(members)
    return ranks


def helpers(
    *,
    seed: int,
    images: Source,
    n_train: int,
    n_test: int,
    n_pairs: int,
    learner: Mapping[str, float],
    start: Mapping[str, Tensor],
    bf16: bool = False,
) -> dict[str, Tensor]:
    """Part: the labels "pseudo" (N,) that a first CNN gives to the restored images of generation 0, and the verifier's scores
    (N,) of true and of given labels, "scores/true" and "scores/pseudo"; the same of the restored held-out images, "test/...".

    ``start``: the state of generation 0; ``learner``: as for :func:`lib.experiments.usable_information.loops.generation`.
    Checked by tests/experiments/usable_information/test_image_verifiers.py.
    """
    sets = trainings.image_sets(images, n_train, n_test, n_pairs=n_pairs)
    chosen = loops.pairs(sets, seed, 0, n_pairs)

    def taught(name: str, shown: Tensor) -> nn.Module:
        by = seeds.number(seed, loops.NOTEBOOK, name)
        config = loops.by_steps(learner["steps"], n_pairs, rate=learner["rate"], seed=by)
        return trainings.fresh_learner(
            shown, sets.labels[chosen], sets, alpha=learner["alpha"], config=config, bf16=bf16, training=name
        )

    labeller, verifier = taught("labeller", start["train"][chosen]), taught("verifier", sets.images[chosen])
    found = {}
    for name, part, truth in (("", "train", sets.labels), ("test/", "test", sets.test_labels)):
        pseudo = loops.answers(labeller, start[part])
        found[f"{name}pseudo"] = pseudo
        for kind, labels in (("true", truth), ("pseudo", pseudo)):
            found[f"{name}scores/{kind}"] = scores(verifier, start[part], labels)
    return found


def right_pseudo_labels(helped: Mapping[str, Tensor], labels: Tensor) -> float:
    """Share of a first CNN's labels that are the true ``labels`` (N,)."""
    return (helped["pseudo"] == labels).double().mean().item()


def kept(judge: str, rejected: float, *, labels: Tensor, truth: Tensor, score: Tensor, random: Tensor) -> Tensor:
    """Rows that a judge keeps: all but a share ``rejected`` of them, the lowest; the first row is the best.

    Args: ``labels`` and ``truth`` (N,); ``score`` (N,), the verifier's; ``random`` (N,) in [0, 1), which decides where a judge
    does not. Checked by tests/experiments/usable_information/test_image_verifiers.py.
    """
    score = {"random": random, "oracle": (labels == truth) + random}.get(judge, score)
    if judge != "verifier, all labels together":
        score = rank_within(score, labels)
    return score.argsort(descending=True)[: len(labels) - int(rejected * len(labels))]


def verified(
    *,
    seed: int,
    images: Source,
    n_train: int,
    n_test: int,
    kind: str,
    judge: str,
    rejected: float,
    learner: Mapping[str, float],
    start: Mapping[str, Tensor],
    helped: Mapping[str, Tensor],
    bf16: bool = False,
) -> dict[str, object]:
    """Part: readings of a learner of restored images with "true" or "pseudo" labels, of which a judge rejected a share.

    With them "right labels", the share of the labels left that are right, and "accepted", the reading "matched" on those
    held-out images only that the same judge keeps: the selected subset, as the paper has it. ``start``: the state of
    generation 0; ``helped``: the value of :func:`helpers`. All learners of a seed start from the same weights.
    Checked by tests/experiments/usable_information/test_image_verifiers.py.
    """
    sets = trainings.image_sets(images, n_train, n_test)
    labels = sets.labels if kind == "true" else helped["pseudo"]

    def left(name: str, truth: Tensor, *stream: str) -> Tensor:
        given = truth if kind == "true" else helped[f"{name}pseudo"]
        random = torch.rand(len(given), generator=seeds.generator(seed, loops.NOTEBOOK, "random rejection", *stream))
        return kept(judge, rejected, labels=given, truth=truth, score=helped[f"{name}scores/{kind}"], random=random)

    rows, accepted = left("", sets.labels), left("test/", sets.test_labels, "test").sort().values
    by = seeds.number(seed, loops.NOTEBOOK, "learner after a rejection")
    model = trainings.fresh_learner(
        start["train"][rows],
        labels[rows],
        sets,
        alpha=learner["alpha"],
        config=loops.by_steps(learner["steps"], len(rows), rate=learner["rate"], seed=by),
        bf16=bf16,
    )
    chosen = evaluate(model, start["test"][accepted], sets.test_labels[accepted], train_labels=sets.labels)
    return {
        **trainings.readings(model, sets, start["test"], count=len(sets.test)),
        "accepted": chosen._asdict(),
        "right labels": (labels[rows] == sets.labels[rows]).double().mean().item(),
    }


def over_rejections(found: Mapping, kind: str, judge: str, quantity: str = "bits", reading: str = "matched") -> Tensor:
    """(rejected shares, seeds) of a reading, "matched" or "accepted", or of the share of "right labels".

    Checked by tests/experiments/usable_information/test_image_verifiers.py.
    """
    rows = found["verified"][kind][judge]
    return torch.tensor(
        [[trainings.realized(quantity, {**entry[reading], **entry}[quantity]) for entry in row] for row in rows],
        dtype=torch.float64,
    )


def gained(
    found: Mapping, kind: str, one: str, other: str, *, without_rejection: bool = False, reading: str = "matched"
) -> Estimate:
    """Bits under one judge less those under another, or less those without a rejection, mean over rejections up to a half.

    ``reading``: on all held-out images, "matched", or on those that the judge accepts, "accepted"; the error over images is that
    of all of them, and of the accepted ones by their own number.

    Checked by tests/experiments/usable_information/test_image_verifiers.py.
    """
    few = [k for k, rejected in enumerate(found["rejected"]) if 0 < rejected <= 0.5]
    against = [found["rejected"].index(0)] * len(few) if without_rejection else few
    leads = [over_rejections(found, kind, judge, reading=reading) for judge in (one, other)]
    lead = leads[0][few] - leads[1][against]
    rows = found["verified"][kind]
    compared = [
        [[{"matched": entry[reading]} for entry in rows[judge][k]] for k in places]
        for judge, places in ((one, few), (other, against))
    ]
    return loops.over_seeds(lead.mean(0), *compared)
