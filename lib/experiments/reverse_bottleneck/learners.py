"""Numeric parts of notebook reverse-bottleneck/02 on learners: exact errors against the bounds of Lemmas 4.4 to 4.8."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lib import seeds
from lib.experiments.reverse_bottleneck.accounts import KINDS, STREAM
from lib.experiments.reverse_bottleneck.trials import numbers
from lib.experiments.reverse_bottleneck.worlds import finite_world
from lib.theory import checks
from lib.theory.reverse_bottleneck import bounds, finite_chain, finite_learner

SIGMA = 0.5  # sub-Gaussian parameter of a loss in [0, 1]


def random_learner(rng: np.random.Generator, kinds: int, models: int) -> dict:
    """A learner that picks one of ``models`` from examples of ``kinds`` kinds, for ``generalization`` of a finite learner.

    Its losses are uniform in [0, 1]; what it minimizes are they, their negative, or nonsense; its strength runs from 0.01 to 100,
    evenly over the logarithm. Checked by tests/experiments/reverse_bottleneck/test_learners.py.
    """
    losses = rng.uniform(size=(models, kinds))
    scores = (losses, -losses, rng.uniform(size=losses.shape))[rng.integers(3)]
    return {"losses": losses.tolist(), "scores": scores.tolist(), "strength": float(10 ** rng.uniform(-2, 2))}


def errors(seed: int, first: int, count: int) -> dict[str, list[float]]:
    """Exact errors and bounds of random learners number ``first`` to ``first + count - 1``, in units of the loss bound.

    One to eight examples of two to four kinds; with two kinds zero to four layers that contract.

    Returns
    -------
    dict of columns
        "gap", ``|E[R - R_S]|``; "absolute gap", ``E|R - R_S|``; "bound", the printed one; "bound with ln 2", the corrected one.

    Notes
    -----
    Source: Lemmas 4.4 and 4.8. Checked by tests/experiments/reverse_bottleneck/test_learners.py.
    """
    rows = [_errors(seeds.rng(seed, STREAM, "learner", k)) for k in numbers(first, count)]
    names = ("gap", "absolute gap", "bound", "bound with ln 2")
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def _errors(rng: np.random.Generator) -> tuple[float, float, float, float]:
    kinds, models = (int(k) for k in rng.integers(2, 5, 2))
    n, depth = int(rng.integers(1, 9)), int(rng.integers(0, 5)) if kinds == 2 else 0
    flip = float(rng.uniform(0, 0.8)) if depth else 0.0
    learner, source = random_learner(rng, kinds, models), rng.dirichlet(np.ones(kinds)).tolist()
    learner["losses"] = finite_learner.layered(learner["losses"], depth, flip)
    of = finite_learner.generalization(truth=source, source=source, n=n, **learner)
    terms = (depth, (1 - flip) ** 2, SIGMA, n, of.information)
    printed, corrected = bounds.generalization_bound(*terms), bounds.absolute_generalization_bound(*terms)
    return abs(of.gap), of.absolute_gap, printed, corrected


def data_sets(seed: int, first: int, count: int) -> dict[str, list]:
    """Columns of :func:`data_set` for random worlds number ``first`` to ``first + count - 1``, each with a task of its own.

    One or two examples, three models, curations of ``KINDS`` in turn, every second prompt with noise of its own.
    Checked by tests/experiments/reverse_bottleneck/test_learners.py.
    """
    rows = []
    for k in numbers(first, count):
        rng = seeds.rng(seed, STREAM, "data set", k)
        world = finite_world(rng, curation=KINDS[k % 4], noisy_prompt=k % 2 == 1)
        kinds = len(world["learner"])
        rows.append(data_set(world, 1 + k % 2, random_learner(rng, kinds, 3), rng.dirichlet(np.ones(kinds)).tolist()))
    return {name: [row[name] for row in rows] for name in rows[0]}


def data_set(world: dict, n: int, learner: dict, truth: Sequence[float]) -> dict[str, float]:
    """Both sides of Lemma 4.6 and Theorem 4.7 for n examples of a world and a learner of them.

    Parameters
    ----------
    world : dict
        For ``lib.theory.reverse_bottleneck.finite_chain``, with a curation that does not look at the prompt; its own learners are
        left aside.
    n : int
        Examples in a data set, 1 to 6.
    learner : dict
        "losses", "scores" and "strength" for ``lib.theory.reverse_bottleneck.finite_learner.generalization``.
    truth : sequence of probabilities
        The task D, one for each kind of example.

    Returns
    -------
    dict
        "gap" ``|E[R - R_S]|``, "absolute gap" ``E|R - R_S|`` and "error" ``E|R_D - R_S|``, exact, C = 1; their bounds "lemma
        4.6", "theorem 4.7", and, with the corrected term, "lemma 4.6 with ln 2" and "with ln 2", the theorem; "divergences",
        TV(D, D_M) + TV(D_M, D_gen); "by the exact information", Lemma 4.6 with I(S; W) itself; in nats "information" I(S; W),
        "information bound" of Lemma 4.5, and "account information", I(S; W) as the account of the whole data set has it.

    Raises
    ------
    ValueError
        For a world or learner that is none, or a table of more than a million numbers.

    Notes
    -----
    Checked by tests/experiments/reverse_bottleneck/test_learners.py: both ways to the information agree.
    """
    outputs, law = output_law(world), world["curation"][0]
    source = outputs @ np.array(law)
    of = finite_learner.generalization(truth=list(truth), source=source.tolist(), n=n, **learner)
    small = {name: table for name, table in world.items() if name not in ("learner", "anchor_learner")}
    tables = {"learner": gibbs_table(learner, len(source), n), "anchor_learner": [[1.0]] * len(world["anchor"]) ** n}
    account = finite_chain.account(finite_chain.repeated(small, n) | tables)
    size = max(len(outputs), len(source))  # additive noise makes kinds that no output has
    task, model, data = (np.pad(each, (0, size - len(each))).tolist() for each in (truth, outputs, source))
    divergences = finite_learner.total_variation(task, model), finite_learner.total_variation(model, data)
    terms = (account.gain, account.bottleneck, account.entropy_model, account.slack)
    information = max(0.0, account.information_bound)
    absolute = bounds.absolute_generalization_bound(0, 1.0, SIGMA, n, information)
    return {
        "gap": abs(of.gap),
        "absolute gap": of.absolute_gap,
        "error": of.shifted,
        "lemma 4.6": bounds.generalization_bound(0, 1.0, SIGMA, n, information),
        "theorem 4.7": bounds.synthetic_error_bound(1.0, *divergences, 0, 1.0, SIGMA, n, *terms),
        "lemma 4.6 with ln 2": absolute,
        "with ln 2": sum(divergences) + absolute,
        "divergences": sum(divergences),
        "by the exact information": bounds.generalization_bound(0, 1.0, SIGMA, n, of.information),
        "information": of.information,
        "information bound": account.information_bound,
        "account information": account.information,
    }


def output_law(world: dict) -> np.ndarray:
    """Probabilities of the outputs M = 0, 1, … of a world, as many as its curation has rows.

    Checked by tests/experiments/reverse_bottleneck/test_learners.py, against the entropy of M.
    """
    law = np.zeros(len(world["curation"][0]))
    prompts = np.array(world["anchor"]) @ np.array(world["prompt"])
    for h, prompted, row in zip(world["h"], prompts, world["model"], strict=True):
        for g, modelled in zip(world["g"], row, strict=True):
            law[h + g] += prompted * modelled
    return law


def gibbs_table(learner: dict, kinds: int, n: int) -> list[list[float]]:
    """Probabilities (kinds^n, models) that a learner picks each model, by data set, in the order of ``finite_chain.repeated``.

    Checked by tests/experiments/reverse_bottleneck/test_learners.py.
    """
    examples = np.indices((kinds,) * n).reshape(n, -1).T  # (kinds^n, n), the first example slowest
    energy = learner["strength"] * np.array(learner["scores"])[:, examples].sum(2)
    picks = np.exp(energy.min(0) - energy)
    return (picks / picks.sum(0)).T.tolist()


class Answers(NamedTuple):
    """Information gain of one answer in nats, risk of the trained model (the chance that its label is wrong), I(S; W) in nats."""

    gain: float
    risk: float
    information: float


def at_temperature(temperature: float, logits: Sequence[float], n: int = 5) -> Answers:
    """A model that answers with label k with probability ``~ exp(logits[k] / temperature)``, and a learner of n answers.

    The learner picks the commonest answer, ties shared; label 0 is right. Args: temperature positive; n in [1, 8]. Raises
    ValueError outside. Source: Remark 1 below Lemma 4.6. Checked by tests/experiments/reverse_bottleneck/test_learners.py.
    """
    scaled = np.array(logits, dtype=float) / checks.positive("temperature", temperature)
    answers = np.exp(scaled - scaled.max())
    answers /= answers.sum()
    labels = len(answers)
    wrong = (1 - np.eye(labels)).tolist()  # loss of answering w when the label is z
    truth = np.eye(labels)[0].tolist()
    of = finite_learner.generalization(
        truth=truth, source=answers.tolist(), losses=wrong, scores=wrong, n=n, strength=1e4
    )
    gain = finite_chain.entropy(answers.tolist())  # there is one prompt, so that H(M | h) = H(M)
    return Answers(gain, float(1 - commonest(answers, n)[0]), of.information)


def commonest(answers: Sequence[float], n: int) -> np.ndarray:
    """Probability (K,) that each label is the commonest of n answers with probabilities ``answers`` (K,), ties shared.

    By enumeration of K^n samples; n in [1, 8]. Raises ValueError outside. Checked by
    tests/experiments/reverse_bottleneck/test_learners.py, against the binomial law.
    """
    answers, n = np.asarray(answers, dtype=float), checks.integer("n", n, 1, 8)
    law = np.zeros(len(answers))
    for sample in np.indices((len(answers),) * n).reshape(n, -1).T:
        counts = np.bincount(sample, minlength=len(answers))
        winners = counts == counts.max()
        law += answers[sample].prod() * winners / winners.sum()
    return law
