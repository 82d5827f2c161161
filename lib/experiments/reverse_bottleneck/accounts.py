"""Numeric parts of notebook reverse-bottleneck/02 on worlds: every step of the proofs, tried on random chains.

What is about learners and whole data sets stands in ``lib.experiments.reverse_bottleneck.learners``.
"""

import numpy as np

from lib import seeds
from lib.experiments.reverse_bottleneck.trials import ROUNDING, numbers
from lib.experiments.reverse_bottleneck.worlds import finite_world, gaussian_world
from lib.theory.reverse_bottleneck import finite_chain, gaussian_chain, statements

STREAM = "reverse-bottleneck/02"
KINDS = ("none", "map", "noise", "channel")  # curations that do not look at the prompt a second time


def finite(seed: int, first: int, count: int) -> dict[str, list]:
    """Slacks of the proofs' steps in finite worlds number ``first`` to ``first + count - 1``, nats.

    Every second world has a prompt with noise of its own, every second pair dependent factors, every second four a learner that
    is a function of its data; the curations of ``KINDS`` take turns every eight.

    Returns
    -------
    dict of columns
        "steps", the fields of :class:`lib.theory.reverse_bottleneck.statements.Steps`; "synergy", I(h; g | W) - I(h; g);
        "condition", the right side of the formula for the slack of Lemma 4.5 (:func:`condition_slack`); "remarks 1 and 3",
        H(e_M) - Delta I less H(e_M | g) + I(g; h), 0 but for rounding; and those of :func:`of_the_prompt`.

    Notes
    -----
    Source: Appendices E and F. Checked by tests/experiments/reverse_bottleneck/test_accounts.py.
    """
    columns = {
        "steps": [],
        "synergy": [],
        "condition": [],
        "remarks 1 and 3": [],
        "chain": [],
        "H(h)": [],
        "H(e_p)": [],
        "I(e_p; M)": [],
        "I(anchor; S)": [],
    }
    for k in numbers(first, count):
        world = finite_world(
            seeds.rng(seed, STREAM, "finite world", k),
            curation=KINDS[k // 8 % 4],
            noisy_prompt=k % 2 == 1,
            dependent=k % 4 >= 2,
            deterministic_learner=k % 8 >= 4,
        )
        entropies = finite_chain.entropies(world)
        columns["steps"].append(list(statements.steps(entropies)))
        columns["synergy"].append(statements.account(entropies).synergy)
        columns["condition"].append(condition_slack(entropies))
        columns["remarks 1 and 3"].append(entropies["Q"] - (entropies["HM"] - entropies["H"]) - _beyond_g(entropies))
        for name, value in of_the_prompt(entropies).items():
            columns[name].append(value)
    return columns


def gaussian(seed: int, first: int, count: int) -> dict[str, list]:
    """The columns "steps" and "synergy" of :func:`finite` in Gaussian worlds, every second one with dependent factors, nats.

    Checked by tests/experiments/reverse_bottleneck/test_accounts.py.
    """
    columns = {"steps": [], "synergy": []}
    for k in numbers(first, count):
        world = gaussian_world(seeds.rng(seed, STREAM, "Gaussian world", k), dependent=k % 2 == 1)
        entropies = gaussian_chain.entropies(**world)
        columns["steps"].append(list(statements.steps(entropies)))
        columns["synergy"].append(statements.account(entropies).synergy)
    return columns


def remembering(seed: int, first: int, count: int) -> dict[str, list[float]]:
    """Slacks of Lemma 4.5 in nats, "slack", in finite worlds without curation whose W is the output M itself.

    Prompts have noise of their own and factors are dependent. Checked by
    tests/experiments/reverse_bottleneck/test_accounts.py.
    """
    slacks = []
    for k in numbers(first, count):
        rng = seeds.rng(seed, STREAM, "world that remembers", k)
        world = finite_world(rng, curation="none", noisy_prompt=True, dependent=True)
        everything = np.eye(len(world["learner"])).tolist()
        slacks.append(statements.steps(finite_chain.entropies(world | {"learner": everything})).lemma_45)
    return {"slack": slacks}


def of_the_prompt(entropies: dict) -> dict[str, float]:
    """What the sentences on the prompt hang on in one world, nats.

    "chain", I(M; W | e_M), which is 0 if M -> e_M -> W is a Markov chain. Given e_M, M and h tell the same, and W sees both
    through M, so that it is I(M; W) - I(e_M; W) where curation does not look at the prompt. "H(h)"; "H(e_p)" and "I(e_p; M)",
    whose ratio is the smallest lambda of Lemma E.1, if at least 1; "I(anchor; S)". Args and errors as for
    :func:`lib.theory.reverse_bottleneck.statements.account`. Source: Section 4.1, Lemma E.1. Checked by
    tests/experiments/reverse_bottleneck/test_accounts.py, against enumeration.
    """
    h = entropies
    chain = (h["M"] + h["W"] - h["MW"]) - (h["Q"] + h["W"] - h["QW"])
    kept = statements.account(h).information_transfer
    shown = h["P"] + h["M"] - h["PM"]
    return {"chain": chain, "H(h)": h["H"], "H(e_p)": h["P"], "I(e_p; M)": shown, "I(anchor; S)": kept}


def condition_slack(entropies: dict) -> float:
    """``H(e_p | M) + H(e_M | g) + I(h; g) + I(e_p; e_M) - I(e_p; e_M | W)`` in nats: the slack of Lemma 4.5 in a finite world.

    Args and errors as for :func:`lib.theory.reverse_bottleneck.statements.account`. Source: derived in notebook
    reverse-bottleneck/02. Checked by tests/experiments/reverse_bottleneck/test_accounts.py, against the lemma in random worlds.
    """
    h = entropies
    synergy = statements.account(h).factor_synergy
    return (h["PM"] - h["M"]) + _beyond_g(h) - synergy


def _beyond_g(h: dict) -> float:
    """H(e_M | g) + I(g; h) in nats."""
    return (h["Q"] - h["G"]) + (h["H"] + h["G"] - h["HG"])


def least_lambda(prompt: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Smallest lambda (N,) that Lemma E.1 allows: max(1, H(e_p) / I(e_p; M)), infinite where it allows none.

    Args: H(e_p) and I(e_p; M), (N,) each, nats; what is below ``ROUNDING`` counts as 0, and a prompt without entropy has lambda
    1. Source: Lemma E.1, eq. 22. Checked by tests/experiments/reverse_bottleneck/test_accounts.py.
    """
    prompt, shown = np.asarray(prompt, dtype=float), np.asarray(shown, dtype=float)
    ratio = np.divide(prompt, shown, out=np.full(prompt.shape, np.inf), where=shown > ROUNDING)
    return np.where(prompt > ROUNDING, np.maximum(1.0, ratio), 1.0)


def step(steps: np.ndarray, name: str) -> np.ndarray:
    """Slacks (N,) of one step among the rows (N, 12) of :class:`lib.theory.reverse_bottleneck.statements.Steps`.

    Raises ValueError for another name. Checked by tests/experiments/reverse_bottleneck/test_accounts.py.
    """
    if name not in statements.Steps._fields:
        raise ValueError(f"name = {name!r} is no step; allowed: {', '.join(statements.Steps._fields)}")
    return np.asarray(steps)[:, statements.Steps._fields.index(name)]
