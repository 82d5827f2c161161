"""Figure 8 of notebook random-matrices/05 as the paper has it: a language model tuned on preferences, and how safely it answers.

Models are folders of a reader's own. One is tuned by IPO on n human pairs and on what a verifier keeps of m synthetic ones, and
answers questions that it has not seen; another, the judge, says which answers are safe. A pair is two answers to one question of
the data set, a safe one, better, and an unsafe one, worse. In a synthetic pair the two are exchanged with probability epsilon; a
verifier keeps pairs in the right order with probability phi, others with psi (the paper's rho). As in the paper these three are
set, not measured. A design is a mapping of "test_share" of the questions, "judge", rows with human labels that the judge learns
from, "human" n, "synthetic", the largest m, "beta", of what :mod:`lib.experiments.fine_tuning` asks for but "all_text", and of
one training, "tuning". PAPER is the paper's; the judge has a design of its own, JUDGING. Source: El Firdoussi et al., Figure 8,
Appendix E, Table 1; Section 5.1 calls the training DPO.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lib import seeds, tensors
from lib.datasets.containers import Answers
from lib.datasets.source import Source
from lib.experiments.fine_tuning import opened, resumable
from lib.experiments.random_matrices import language_safety
from lib.experiments.random_matrices.safety_answers import STREAM, answers_of, at_random
from lib.models.language.answers import greedy
from lib.models.language.folder import Folder
from lib.models.language.model import LanguageModel, load
from lib.models.language.preference import prefer
from lib.models.language.rows import pairs, prompts
from lib.models.language.tuning import plan
from lib.theory import checks

TEMPLATE = "Question: {}\nAnswer:"  # the book's own
RATIOS = (0, 1.4, 2.8, 4.2, 5.6, 7)  # m/n: five batches of 7000 pairs beside 5000
EPSILONS = (0.1, 0.5)
VERIFIERS = {"strong": {"phi": 0.9, "psi": 0.2}, "weak": {"phi": 0.5, "psi": 0.5}}
PAPER = {
    "test_share": 0.02,  # the paper asks what is in ALERT, a set of other questions
    "judge": 1000,  # the paper's judge is a model that others have tuned
    "human": 5000,
    "synthetic": 35000,
    "beta": 0.01,
    "block": 1024,
    "answer": 512,
    "dtype": "bfloat16",
    "lora": 128,
    "at_once": 16,
    # Table 1; its label smoothing has no place in the loss of IPO
    "tuning": {"learning_rate": 5e-6, "schedule": "cosine", "warm_up": 0.1, "batch": 16, "accumulate": 4},
}
JUDGING = {k: language_safety.PAPER[k] for k in ("block", "answer", "all_text", "dtype", "lora", "at_once", "tuning")}


def split(data: Answers, design: Mapping, *, seed: int) -> dict[str, Tensor]:
    """Places of a seed's answers by name: "tested", "judge", and pair by pair "better" and "worse", all at random.

    No question of one of the three is one of another, blanks around it apart. A text is in one pair of a question at most, and
    in none if the data call it both safe and unsafe, so that each pair brings a new one: a question gives as many as it has
    texts of the rarer kind. "tested" holds all answers to the questions that are asked.

    Raises ValueError for no question to ask, and fewer rows for the judge than it is to learn from. Checked by
    tests/experiments/random_matrices/test_language_preferences.py.
    """
    share = checks.real("test_share", design["test_share"], 0.0, 1.0, open_low=True, open_high=True)
    wanted = checks.integer("judge", design["judge"], 0, 10**9)
    places: dict[str, list[int]] = {question.strip(): [] for question in data.questions}
    for k in _order(len(data.questions), seed, "answers"):
        places[data.questions[k].strip()].append(k)
    each = list(places.values())
    each = [each[k] for k in _order(len(each), seed, "questions")]
    tests = round(share * len(each))
    if not 0 < tests < len(each):
        raise ValueError(
            f"test_share = {share} of {len(each)} questions is {tests}; allowed: at least one asked, one not"
        )
    rest, judge, own = each[tests:], [], 0
    while own < len(rest) and len(judge) < wanted:
        judge, own = judge + rest[own], own + 1
    if len(judge) < wanted:
        raise ValueError(f"judge = {wanted} is outside [0, {len(judge)}], the rows of questions that are not asked")
    labels = data.labels.tolist()
    found = []
    for question in rest[own:]:
        safe, unsafe = ({data.answers[k].strip(): k for k in question if labels[k] == label} for label in (1, 0))
        sides = [
            [k for text, k in side.items() if text not in other] for side, other in ((safe, unsafe), (unsafe, safe))
        ]
        found += list(zip(*sides, strict=False))
    mixed = torch.tensor([found[k] for k in _order(len(found), seed, "pairs")], dtype=torch.int64).view(-1, 2)
    tested = torch.tensor([k for question in each[:tests] for k in question])
    own_rows = torch.tensor(judge[:wanted], dtype=torch.int64)
    return {"tested": tested, "judge": own_rows, "better": mixed[:, 0], "worse": mixed[:, 1]}


def counted(seed: int, source: Source, design: Mapping) -> dict[str, int]:
    """Part: how many "pairs" of a seed there are, and "questions" to ask. Raises ValueError as :func:`split`.

    Checked by tests/experiments/random_matrices/test_language_preferences.py.
    """
    data = answers_of(source)
    rows = split(data, design, seed=seed)
    return {"pairs": len(rows["better"]), "questions": len(_asked(data, rows))}


def taught(
    better: Tensor, worse: Tensor, design: Mapping, *, m: int, epsilon: float, phi: float, psi: float, seed: int
) -> tuple[Tensor, Tensor]:
    """What a model learns from: places of better and worse answers, those of the human pairs first, then of pairs that are kept.

    better, worse : (pairs,) int64, of :func:`split`; m : int in [0, design["synthetic"]], before anything is left out; epsilon,
    phi, psi : floats in [0, 1]. A seed's pairs, and what is drawn for each, are the same for all m, epsilon, phi and psi.

    Raises ValueError for other values and for fewer pairs than the design wants. Source: Figure 8. Checked by
    tests/experiments/random_matrices/test_language_preferences.py.
    """
    human, most = (checks.integer(name, design[name], 1, 10**9) for name in ("human", "synthetic"))
    m = checks.integer("m", m, 0, most)
    rates = {"epsilon": epsilon, "phi": phi, "psi": psi}
    rates = {name: checks.real(name, value, 0.0, 1.0) for name, value in rates.items()}
    if human + most > len(tensors.whole("better", better, "(pairs,)", dims=(1,))):
        raise ValueError(
            f"human + synthetic = {human + most} of {len(better)} pairs of a safe and an unsafe answer to one question; allowed: "
            f"at most {len(better)}, so fewer pairs, or more answers"
        )
    right, kept = at_random(most, **rates, generator=seeds.generator(seed, STREAM, "preferences", "synthetic"))
    chosen = torch.cat([torch.arange(human), human + kept[:m].nonzero()[:, 0]])
    ordered = torch.cat([torch.ones(human, dtype=torch.bool), right])[chosen]
    better, worse = better[chosen], worse[chosen]
    return torch.where(ordered, better, worse), torch.where(ordered, worse, better)


def answered(
    seed: int, source: Source, model: Folder, m: int, epsilon: float, phi: float, psi: float, design: Mapping
) -> dict[str, object]:
    """Part: greedy "answers" to the questions that are asked, of a model tuned on preferences; "pairs" it learned, "wrong" ones.

    Both the training and the answers go on where a killed part was. Raises ValueError as :func:`split`, :func:`taught`,
    :func:`lib.models.language.rows.pairs` and :func:`lib.models.language.preference.prefer`. Source: Figure 8. Checked by
    tests/experiments/random_matrices/test_language_preferences.py.
    """
    data = answers_of(source)
    rows = split(data, design, seed=seed)
    rates = {"m": m, "epsilon": epsilon, "phi": phi, "psi": psi}
    better, worse = taught(rows["better"], rows["worse"], design, **rates, seed=seed)
    tuned = opened(model, design, seed=_number(seed, "adapters"))
    given = {"answer": design["answer"]}
    questions = [data.questions[k] for k in better.tolist()]
    sides = [
        pairs(tuned, TEMPLATE, questions, [data.answers[k] for k in side.tolist()], **given) for side in (better, worse)
    ]
    config = plan(design["tuning"], len(better), seed=_number(seed, "order"))
    prefer(tuned, *sides, beta=design["beta"], config=config, **resumable("preferred"))
    asked = prompts(tuned, TEMPLATE, _asked(data, rows), **given)
    said = greedy(tuned, asked, batch=design["at_once"], **resumable("answers"), **given)
    return {"answers": said, "pairs": len(better), "wrong": int((data.labels[better] == 0).sum())}


def judged(
    seed: int, source: Source, model: Folder, answered: Sequence[Mapping], design: Mapping, judging: Mapping
) -> dict[str, object]:
    """Part: the share of "safe" answers of each of ``answered``, values of :func:`answered` of this seed, by one judge.

    Returns also the number of "answers" of each, how many of them are "empty", and "test", the judge's accuracy on human labels
    of the "tested" answers that the data set has to the same questions: it bounds what the shares can show. An answer is safe if
    the judge finds yes likelier than no. Raises ValueError as :func:`split` and :func:`judge_of`. Source: Figure 8. Checked by
    tests/experiments/random_matrices/test_language_preferences.py.
    """
    data = answers_of(source)
    rows = split(data, design, seed=seed)
    judge = judge_of(model, data, rows["judge"], judging, seed=seed)
    questions = _asked(data, rows)
    said = [each["answers"] for each in answered]
    at = torch.arange(len(said) * len(questions))
    every = Answers(tuple(questions) * len(said), tuple(text for of in said for text in of), torch.zeros_like(at))
    odds = language_safety.asked(judge, every, at, judging, name="judged")
    return {
        "safe": (odds > 0).view(len(said), len(questions)).double().mean(1).tolist(),
        "answers": len(questions),
        "empty": [sum(not text for text in of) for of in said],
        "test": language_safety.accuracy(judge, data, rows["tested"], judging),
        "tested": len(rows["tested"]),
    }


def judge_of(folder: Folder, data: Answers, at: Tensor, judging: Mapping, *, seed: int) -> LanguageModel:
    """A judge: the model in a folder, taught the human labels of the rows at places ``at``, or as it is where there are none.

    A model that nobody has tuned to say yes or no behind the book's question says either; the paper's judge was tuned by others,
    on a question of its own. Raises ValueError as :func:`lib.experiments.random_matrices.language_safety.learned`. Checked by
    tests/experiments/random_matrices/test_language_preferences.py.
    """
    if not len(at):
        return load(folder, block=judging["block"], dtype=judging["dtype"])
    return language_safety.learned(folder, data, at, data.labels[at], judging, seed=seed, name="judge")


def _asked(data: Answers, rows: Mapping[str, Tensor]) -> list[str]:
    return list({data.questions[k].strip(): data.questions[k] for k in rows["tested"].tolist()}.values())


def _order(count: int, seed: int, name: str) -> list[int]:
    return torch.randperm(count, generator=seeds.generator(seed, STREAM, "preferences", name)).tolist()


def _number(seed: int, name: str) -> int:
    return seeds.number(seed, STREAM, "preferences", name)
