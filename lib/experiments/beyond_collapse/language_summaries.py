"""Notebook beyond-collapse/05 as the paper has it: language models write summaries, a verifier selects, others learn from them.

Models are folders of a reader's own. The protocol is that of :mod:`lib.experiments.beyond_collapse.summaries`, and so are the
split, the selections and the rates. A design is a mapping of "test_share", "generator_share" and "verifier_share" of articles,
of what :mod:`lib.experiments.fine_tuning` asks for, and of two trainings: "tuning", on original labels, and "retuning", on
selected answers. PAPER is the paper's. Source: Feng et al., Section 5.3 and Appendix C.
"""

import functools
import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from lib import tensors
from lib.datasets.containers import Articles
from lib.datasets.source import Source
from lib.experiments.beyond_collapse.summaries import FEWEST, STREAM, Rows, kept, rows, triplet
from lib.experiments.fine_tuning import resumable, tuned
from lib.models.language.answers import greedy, log_likelihoods, perplexities
from lib.models.language.folder import Folder
from lib.models.language.model import LanguageModel
from lib.models.language.rows import pairs, prompts
from lib.models.text import rouge

TEMPLATE = "Article: {}. A summary of the article:"
PAPER = {
    "test_share": 0.036,  # 11.5 thousand of 318.5 thousand articles
    "generator_share": 0.125,
    "verifier_share": 1.0,  # the paper does not say on what the verifier was tuned
    "block": 1024,
    "answer": 128,  # the paper names none; nearly all summaries of its data are shorter
    "all_text": False,
    "dtype": "float32",
    "lora": 0,
    "at_once": 16,
    "tuning": {"learning_rate": 5e-5, "schedule": "cosine", "batch": 32, "accumulate": 16},
    "retuning": {"learning_rate": 2e-5, "schedule": "constant", "batch": 32, "accumulate": 16},
}


def articles(source: Source, design: Mapping, *, seed: int) -> tuple[Articles, Rows]:
    """The articles of a source and their split, see :func:`lib.experiments.beyond_collapse.summaries.rows`.

    Raises ValueError for a source without summaries or with fewer than 40. Checked by
    tests/experiments/beyond_collapse/test_language_summaries.py.
    """
    data = tensors.instance("source", source, Source).load()
    if not isinstance(data, Articles) or len(data.documents) < FEWEST:
        raise ValueError(
            f"source = {source.name!r} holds too little; allowed: at least {FEWEST} articles with summaries"
        )
    return data, rows(len(data.documents), design, seed=seed)


def answered(seed: int, source: Source, model: Folder, design: Mapping) -> dict[str, object]:
    """Part: a generator, fine-tuned on original labels of its share, summarizes all training articles.

    Returns, of the training articles in the order of the split, "answers", "rouge" of each against the reference, and "self", its
    perplexity under the generator, None where the answer is blank; and "test", the mean Rouge-1 of the test articles. Killed,
    it goes on in its training, its answers or its scores. Raises ValueError as :func:`articles` and
    :func:`lib.experiments.fine_tuning.tuned`. Source: Section 5.3. Checked by
    tests/experiments/beyond_collapse/test_language_summaries.py.
    """
    data, split = articles(source, design, seed=seed)
    generator = learned(model, data, split.generator, None, design, design["tuning"], seed=seed, name="generator")
    said = written(generator, data, split.train, design, name="answers")
    return {
        "answers": said,
        "rouge": scored(data, split.train, said),
        "self": doubts(generator, data, split.train, said, design),
        "test": tested(generator, data, split.test, design),
    }


def doubted(
    seed: int, source: Source, verifier: Folder, generated: Mapping[str, object], design: Mapping
) -> dict[str, object]:
    """Part: what a verifier, fine-tuned on original labels of its share, thinks of the generator's answers.

    ``generated`` is what :func:`answered` returns for the same seed, source and design. Returns "weak", perplexities like
    those of "self", and "test", the mean Rouge-1 of the verifier's own summaries. Raises ValueError as :func:`answered`.
    Source: Section 5.3, where it is a Llama-3. Checked by tests/experiments/beyond_collapse/test_language_summaries.py.
    """
    data, split = articles(source, design, seed=seed)
    other = learned(verifier, data, split.verifier, None, design, design["tuning"], seed=seed, name="verifier")
    return {
        "weak": doubts(other, data, split.train, generated["answers"], design),
        "test": tested(other, data, split.test, design),
    }


def originals(seed: int, source: Source, model: Folder, design: Mapping) -> dict[str, float]:
    """Part: the optimal line, "test", the mean test Rouge-1 of a model fine-tuned on all original labels.

    Raises ValueError as :func:`answered`. Source: Figure 4. Checked by
    tests/experiments/beyond_collapse/test_language_summaries.py.
    """
    data, split = articles(source, design, seed=seed)
    whole = learned(model, data, split.train, None, design, design["tuning"], seed=seed, name="originals")
    return {"test": tested(whole, data, split.test, design)}


def retrained(
    seed: int,
    source: Source,
    model: Folder,
    generated: Mapping[str, object],
    verified: Mapping[str, object],
    selection: str,
    rate: float,
    design: Mapping,
) -> dict[str, object]:
    """Part: a model fine-tuned afresh on the answers that a selection keeps, tested on the articles of the seed.

    ``generated`` and ``verified`` are what :func:`answered` and :func:`doubted` return. Returns "rouge", the mean test Rouge-1,
    "kept" and of these "blank", numbers of answers, where blank ones are learned by nobody, and what
    :func:`lib.experiments.beyond_collapse.summaries.triplet` returns. An answer is right here if its Rouge-1 is above the
    median of all, since no summary is the right one: p is near 1/2 by this definition, phi and psi are measured. Raises
    ValueError as :func:`lib.experiments.beyond_collapse.summaries.kept`, and where all that is kept is blank. Source: Section
    5.3, Figure 4. Checked by tests/experiments/beyond_collapse/test_language_summaries.py.
    """
    data, split = articles(source, design, seed=seed)
    scores = selectors(generated, verified)
    keeps = kept(scores, selection, rate, seed=seed)
    chosen = [k for k in keeps.nonzero()[:, 0].tolist() if generated["answers"][k]]
    if not chosen:
        raise ValueError(
            f"rate = {rate!r} keeps blank answers only; allowed: a generator that answers, so a longer training"
        )
    said = [generated["answers"][k] for k in chosen]
    # one order for all selections of a rate: their differences are those of the data
    student = learned(model, data, split.train[chosen], said, design, design["retuning"], seed=seed, name="learner")
    found = {"rouge": tested(student, data, split.test, design), "kept": int(keeps.sum())}
    right = scores["rouge"] > scores["rouge"].median()
    return found | {"blank": found["kept"] - len(chosen)} | triplet(right, keeps)


def learned(
    folder: Folder,
    data: Articles,
    places: Tensor,
    said: Sequence[str] | None,
    design: Mapping,
    training: Mapping,
    *,
    seed: int,
    name: str,
) -> LanguageModel:
    """A model fine-tuned on the articles at ``places`` (n,) with the summaries ``said``, or their original ones for None.

    Checked by tests/experiments/beyond_collapse/test_language_summaries.py.
    """
    at = places.tolist()
    texts = [data.documents[k] for k in at]
    answers = [data.summaries[k] for k in at] if said is None else said
    return tuned(folder, TEMPLATE, texts, answers, design, training, seed=seed, stream=STREAM, name=name)


def written(model: LanguageModel, data: Articles, places: Tensor, design: Mapping, *, name: str) -> list[str]:
    """Greedy summaries of the articles at ``places`` (n,), kept as ``name`` of the part that runs.

    Checked by tests/experiments/beyond_collapse/test_language_summaries.py.
    """
    texts = [data.documents[k] for k in places.tolist()]
    asked = prompts(model, TEMPLATE, texts, answer=design["answer"])
    return greedy(model, asked, answer=design["answer"], batch=design["at_once"], **resumable(name))


def scored(data: Articles, places: Tensor, said: Sequence[str]) -> list[float]:
    """Rouge-1 of summaries of the articles at ``places`` (n,), n numbers in [0, 1].

    Checked by tests/experiments/beyond_collapse/test_language_summaries.py.
    """
    pairs_of = zip(places.tolist(), said, strict=True)
    return [rouge.rouge_1([summary], data.summaries[place])[0] for place, summary in pairs_of]


def tested(model: LanguageModel, data: Articles, places: Tensor, design: Mapping) -> float:
    """Mean Rouge-1 of a model's summaries of the articles at ``places`` (n,).

    Checked by tests/experiments/beyond_collapse/test_language_summaries.py.
    """
    scores = scored(data, places, written(model, data, places, design, name="tested"))
    return math.fsum(scores) / len(scores)


def doubts(
    model: LanguageModel, data: Articles, places: Tensor, said: Sequence[str], design: Mapping
) -> list[float | None]:
    """Perplexity under a model of each summary of the articles at ``places`` (n,), None where it is blank.

    Checked by tests/experiments/beyond_collapse/test_language_summaries.py.
    """
    there = [k for k, each in enumerate(said) if each]
    found: list[float | None] = [None] * len(said)
    if there:
        texts = [data.documents[places[k]] for k in there]
        scorable = pairs(model, TEMPLATE, texts, [said[k] for k in there], answer=design["answer"])
        likely = log_likelihoods(model, scorable, batch=design["at_once"], **resumable("scores"))
        for k, perplexity in zip(there, perplexities(likely), strict=True):
            found[k] = perplexity
    return found


def selectors(generated: Mapping[str, object], verified: Mapping[str, object]) -> dict[str, Tensor]:
    """Tensors (n,) by name as :func:`lib.experiments.beyond_collapse.summaries.kept` takes them; a blank answer is the worst.

    Checked by tests/experiments/beyond_collapse/test_language_summaries.py.
    """
    columns = {"rouge": generated["rouge"], "self": generated["self"], "weak": verified["weak"]}
    made = functools.partial(torch.tensor, dtype=torch.float64)
    found = {name: made([math.inf if x is None else x for x in column]) for name, column in columns.items()}
    return found | {"chosen": torch.arange(len(generated["answers"]))}
