"""Notebook random-matrices/05 as the paper has it: a language model says of answers whether they are safe, yes or no.

Models are folders of a reader's own. A labeller and a verifier learn on rows of their own, the labeller labels the pool, and a
student learns on the real rows and on what the verifier keeps. The rows are those of
:mod:`lib.experiments.random_matrices.safety_answers`, and so are the verifiers. A design is a mapping of "test_share", of the
numbers of rows "real", "labeller", "verifier" and "pool", of what :mod:`lib.experiments.fine_tuning` asks for, and of one
training, "tuning". PAPER is the paper's. Source: El Firdoussi et al., Section 5.4, Figure 9, Tables 2 and 3.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lib import arguments
from lib.datasets.containers import Answers
from lib.datasets.source import Source
from lib.experiments.fine_tuning import resumable, tuned
from lib.experiments.random_matrices.safety_answers import (
    STREAM,
    VERIFIERS,
    Labels,
    answers_of,
    measured,
    places,
    verified,
)
from lib.models.language.answers import log_odds
from lib.models.language.folder import Folder
from lib.models.language.model import LanguageModel
from lib.models.language.rows import prompts
from lib.theory import checks

TEMPLATE = "{}\nIs this answer safe, yes or no?"
WORDS = ("yes", "no")  # label 1, label 0
ROLES = ("labeller", "verifier")
PAPER = {
    "test_share": 0.02,  # 2.8 thousand of 134.8 thousand
    "real": 12000,
    "labeller": 1000,  # the paper's labellers and its verifier are models that others have tuned
    "verifier": 1000,
    "pool": 118000,
    "block": 2048,
    "answer": 2,
    "all_text": False,
    "dtype": "bfloat16",
    "lora": 64,
    "at_once": 16,
    "tuning": {"learning_rate": 2e-5, "schedule": "cosine", "warm_up": 0.1, "batch": 8, "accumulate": 4},
}


def judged(seed: int, source: Source, model: Folder, role: str, design: Mapping) -> dict[str, object]:
    """Part: what a model says of the pool that has learned on the rows of a role, "labeller" or "verifier", with human labels.

    Returns "odds" of the pool, by how many nats it finds yes, safe, likelier than no, and "test", its accuracy on the test
    rows. Raises ValueError for another role, and as :func:`lib.experiments.random_matrices.safety_answers.places` and
    :func:`lib.experiments.fine_tuning.tuned`. Source: Section 5.4. Checked by
    tests/experiments/random_matrices/test_language_safety.py.
    """
    arguments.one_of("role", role, ROLES)
    data, rows = _split(source, design, seed)
    judge = learned(model, data, rows[role], data.labels[rows[role]], design, seed=seed, name=role)
    odds = asked(judge, data, rows["pool"], design, name="pool")
    return {"odds": odds.tolist(), "test": accuracy(judge, data, rows["test"], design)}


def labels(human: Tensor, labeller: Sequence[float], verifier: Sequence[float]) -> Labels:
    """The pool (m,) as the labeller labels it and verifiers see it, from human labels 0 or 1 and both models' odds.

    See :func:`lib.experiments.random_matrices.safety_answers.verified`. Checked by
    tests/experiments/random_matrices/test_language_safety.py.
    """
    one, other = (torch.tensor(odds, dtype=torch.float64) for odds in (labeller, verifier))
    return verified((one > 0) == (human == 1), (one > 0) == (other > 0), one.abs())


def shares(
    seed: int, source: Source, labelled: Mapping[str, object], verified: Mapping[str, object], design: Mapping
) -> dict[str, dict[str, float]]:
    """Part: epsilon, phi and psi (the paper's rho) of the labels of the pool by each of VERIFIERS, as they are on these rows.

    ``labelled`` and ``verified`` are what :func:`judged` returns for both roles. Raises ValueError as
    :func:`lib.experiments.random_matrices.safety_answers.measured`. Checked by
    tests/experiments/random_matrices/test_language_safety.py.
    """
    data, rows = _split(source, design, seed)
    found = labels(data.labels[rows["pool"]], labelled["odds"], verified["odds"])
    return {name: measured(found.right, keeps) for name, keeps in found.kept.items()}


def retrained(
    seed: int,
    source: Source,
    model: Folder,
    labelled: Mapping[str, object],
    verified: Mapping[str, object],
    verifier: str,
    m: int,
    design: Mapping,
) -> dict[str, object]:
    """Part: a student fine-tuned afresh on the real rows, and on what a verifier keeps of the first m of the labelled pool.

    verifier : one of VERIFIERS; m : int in [0, the pool], before anything is left out. Returns "accuracy" on the test rows and
    "kept", rows of the pool. Raises ValueError as :func:`judged` and for other values. Source: Figure 9. Checked by
    tests/experiments/random_matrices/test_language_safety.py.
    """
    arguments.one_of("verifier", verifier, VERIFIERS)
    data, rows = _split(source, design, seed)
    m = checks.integer("m", m, 0, len(rows["pool"]))
    keeps = labels(data.labels[rows["pool"]], labelled["odds"], verified["odds"]).kept[verifier][:m]
    given = (torch.tensor(labelled["odds"][:m], dtype=torch.float64) > 0).long()
    chosen = torch.cat([rows["real"], rows["pool"][:m][keeps]])
    taught = torch.cat([data.labels[rows["real"]], given[keeps]])
    student = learned(model, data, chosen, taught, design, seed=seed, name="student")
    return {"accuracy": accuracy(student, data, rows["test"], design), "kept": int(keeps.sum())}


def learned(
    folder: Folder, data: Answers, at: Tensor, taught: Tensor, design: Mapping, *, seed: int, name: str
) -> LanguageModel:
    """A model fine-tuned to say yes or no behind the rows at places ``at`` (n,), as labels ``taught`` (n,) have it.

    Raises ValueError where all labels are equal. Checked by tests/experiments/random_matrices/test_language_safety.py.
    """
    if len(taught.unique()) < 2:
        raise ValueError(
            f"labels of {len(taught)} rows of the {name} are all {taught[:1].tolist()}; allowed: both of 0 and 1"
        )
    said = [WORDS[1 - label] for label in taught.tolist()]
    return tuned(
        folder, TEMPLATE, _texts(data, at), said, design, design["tuning"], seed=seed, stream=STREAM, name=name
    )


def asked(model: LanguageModel, data: Answers, at: Tensor, design: Mapping, *, name: str) -> Tensor:
    """Log odds (n,) float64 of yes, safe, for the rows at places ``at`` (n,), kept as ``name`` of the part that runs.

    Checked by tests/experiments/random_matrices/test_language_safety.py.
    """
    rows = prompts(model, TEMPLATE, _texts(data, at), answer=design["answer"])
    odds = log_odds(model, rows, WORDS, batch=design["at_once"], **resumable(name))
    return torch.tensor(odds, dtype=torch.float64)


def accuracy(model: LanguageModel, data: Answers, at: Tensor, design: Mapping) -> float:
    """Share of the rows at places ``at`` (n,) of which a model says what the human label does.

    Checked by tests/experiments/random_matrices/test_language_safety.py.
    """
    odds = asked(model, data, at, design, name="tested")
    return ((odds > 0) == (data.labels[at] == 1)).double().mean().item()


def _split(source: Source, design: Mapping, seed: int) -> tuple[Answers, dict[str, Tensor]]:
    data = answers_of(source)
    return data, places(data, design, seed=seed)


def _texts(data: Answers, at: Tensor) -> list[str]:
    return [f"Question: {data.questions[k]}\nAnswer: {data.answers[k]}" for k in at.tolist()]
