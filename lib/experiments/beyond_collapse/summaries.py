"""Notebook beyond-collapse/05: a summarizer picks sentences of news, others learn from what a verifier keeps of its answers.

An article is its first sentences, "longest" of them at the most; an answer is one of them. The original label is the oracle
sentence, the one with the highest Rouge-1 against the reference. A design is a mapping: "columns" of hashed n-grams, "longest",
"test_share", "generator_share" and "verifier_share" of articles, and how all models learn: "hidden", "epochs", "batch",
"learning_rate", "weight_decay". Source: Feng et al., Section 5.3 and Appendix C.
"""

import functools
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from lib import arguments, seeds, tensors
from lib.datasets.containers import Articles
from lib.datasets.source import Source
from lib.models.text import features, rouge, sentences, summarizer
from lib.models.text.summarizer import Summarizer
from lib.theory import checks
from lib.theory.beyond_collapse.breakdown import breakdown_point
from lib.training import Config

STREAM = "beyond-collapse/05"
OWN, OTHER = (
    "words",
    "letters",
)  # n-grams that the generator and its learners see, and those that the weak verifier sees
SELECTIONS = ("oracle", "weak", "self", "random")
LABELS = ("generated", "original")
FEWEST = 40  # articles: an eighth of them is a generator's training set


class Corpus(NamedTuple):
    """Articles as numbers, N of at most S sentences. See :func:`corpus`."""

    features: dict[str, Tensor]  # OWN and OTHER: (N, S, columns)
    rouge: Tensor  # (N, S) of each sentence against the reference, -1 where there is none
    best: Tensor  # (N,) place of the oracle sentence


class Rows(NamedTuple):
    """Places of articles (...,): "generator", "verifier" and their union with the rest, "train"; and "test"."""

    generator: Tensor
    verifier: Tensor
    train: Tensor
    test: Tensor


@functools.lru_cache(maxsize=2)
def corpus(source: Source, columns: int, longest: int) -> Corpus:
    """Sentences, features and scores of all articles of a source, computed once a process.

    Raises ValueError for a source that holds no articles or fewer than 40, for an article without a word, and as
    :func:`lib.models.text.features.of_articles`. Checked by tests/experiments/beyond_collapse/test_summaries.py.
    """
    data = tensors.instance("source", source, Source).load()
    longest = checks.integer("longest", longest, 2, 1000)
    if not isinstance(data, Articles) or len(data.documents) < FEWEST:
        held = f"{len(data[0])} articles" if isinstance(data, Articles) else "no articles"
        raise ValueError(f"source = {source.name!r} holds {held}; allowed: at least {FEWEST} articles with summaries")
    articles = [sentences.split(document)[:longest] for document in data.documents]
    if [] in articles:
        raise ValueError(
            f"article {articles.index([]) + 1} of {source.name!r} has no word; allowed: at least one sentence"
        )
    made = {kind: features.of_articles(articles, columns, kind) for kind in (OWN, OTHER)}
    scores = torch.full(made[OWN].shape[:2], -1.0)
    for row, (article, summary) in enumerate(zip(articles, data.summaries, strict=True)):
        scores[row, : len(article)] = torch.tensor(rouge.rouge_1(article, summary))
    return Corpus(made, scores, scores.argmax(1))


def rows(count: int, design: Mapping, *, seed: int) -> Rows:
    """A random split of ``count`` articles; the verifier's are none of the generator's where their shares sum to 1 or less.

    Raises ValueError for a share outside (0, 1), or (0, 1] of the training articles, and where a part would be empty.
    Checked by tests/experiments/beyond_collapse/test_summaries.py.
    """
    test_share = checks.real("test_share", design["test_share"], 0.0, 1.0, open_low=True, open_high=True)
    order = torch.randperm(count, generator=seeds.generator(seed, STREAM, "split"))
    test = round(test_share * count)
    train = order[test:]
    parts = {}
    for name in ("generator_share", "verifier_share"):
        parts[name] = round(checks.real(name, design[name], 0.0, 1.0, open_low=True) * len(train))
        if not test or not parts[name]:
            raise ValueError(
                f"{name} = {design[name]!r} of {len(train)} articles beside {test} to test leaves a part empty; "
                "allowed: at least one article each"
            )
    return Rows(train[: parts["generator_share"]], train[-parts["verifier_share"] :], train, order[:test])


def learned(
    data: Corpus, kind: str, places: Tensor, chosen: Tensor, design: Mapping, *, seed: int, name: str
) -> Summarizer:
    """A summarizer trained from scratch on the articles at ``places`` (n,) with the sentences ``chosen`` (n,).

    Weights and order come from the seed and the name. All models of a design have the same number of epochs, so that a model on
    an eighth of the articles makes an eighth of the steps, as in the paper. Checked by
    tests/experiments/beyond_collapse/test_summaries.py.
    """
    inputs = data.features[kind][places]
    model = Summarizer(inputs.shape[2], design["hidden"], seed=seeds.number(seed, STREAM, name, "weights"))
    config = Config(
        epochs=design["epochs"],
        batch=design["batch"],
        learning_rate=design["learning_rate"],
        weight_decay=design["weight_decay"],
        seed=seeds.number(seed, STREAM, name, "order"),
    )
    return summarizer.learn(model, inputs, chosen, config=config)


def answers_of(model: Summarizer, data: Corpus, kind: str, places: Tensor) -> tuple[Tensor, Tensor]:
    """Greedy answers (n,) of a model to the articles at ``places`` (n,), and its log probabilities (n, S)."""
    chances = summarizer.log_probabilities(model, data.features[kind][places])
    return summarizer.greedy(chances), chances


def written(seed: int, source: Source, design: Mapping) -> dict[str, Tensor]:
    """Part: what the generator of a seed answers to all training articles, and what verifiers think of it.

    Returns tensors by name. Of the training articles, all (n,): "place"; "chosen", the generator's answer; "rouge" of it;
    "right", whether no other sentence of the article has more; "self" and "weak", its perplexity under the generator and the weak
    verifier; "agree", whether the verifier would have answered the same. Of the test articles, all (t,), Rouge-1 of the answers
    of "test generator", "test verifier", "test originals" (a model trained on all original labels), "test lead" (the first
    sentence) and "test oracle" (the oracle sentence). Raises ValueError as :func:`corpus` and :func:`rows`, and for a design that
    the models refuse. Source: Section 5.3. Checked by tests/experiments/beyond_collapse/test_summaries.py.
    """
    data = corpus(source, design["columns"], design["longest"])
    split = rows(len(data.best), design, seed=seed)
    models = {
        "generator": (OWN, split.generator),
        "verifier": (OTHER, split.verifier),
        "originals": (OWN, split.train),
    }
    fitted = {
        name: learned(data, kind, places, data.best[places], design, seed=seed, name=name)
        for name, (kind, places) in models.items()
    }
    train, test = split.train, split.test
    chosen, chances = answers_of(fitted["generator"], data, OWN, train)
    others, doubts = answers_of(fitted["verifier"], data, OTHER, train)
    score = data.rouge[train, chosen]
    found = {"place": train, "chosen": chosen, "rouge": score, "right": score >= data.rouge[train].amax(1)}
    found |= {
        "self": summarizer.perplexity(chances, chosen).float(),
        "weak": summarizer.perplexity(doubts, chosen).float(),
    }
    found["agree"] = others == chosen
    for name, model in fitted.items():
        answers, _ = answers_of(model, data, models[name][0], test)
        found[f"test {name}"] = data.rouge[test, answers]
    return found | {"test lead": data.rouge[test, 0], "test oracle": data.rouge[test].amax(1)}


def kept(answers: Mapping[str, Tensor], selection: str, rate: float, *, seed: int) -> Tensor:
    """Which answers (n,) a selection keeps, a share ``rate`` of them: the highest Rouge-1 ("oracle"), the lowest perplexity under
    the weak verifier ("weak") or the generator ("self"), or any ("random").

    Of equal ones the first in the random order of the training articles. Raises ValueError for another selection, and a rate
    outside (0, 1] or below one answer. Source: Section 5.3. Checked by tests/experiments/beyond_collapse/test_summaries.py.
    """
    arguments.one_of("selection", selection, SELECTIONS)
    count = len(answers["chosen"])
    number = round(checks.real("rate", rate, 0.0, 1.0, open_low=True) * count)
    if not number:
        raise ValueError(f"rate = {rate!r} of {count} answers keeps none; allowed: at least {0.5 / count:.2g}")
    if selection == "random":
        order = torch.randperm(count, generator=seeds.generator(seed, STREAM, "random selection"))
    else:
        worth = answers["rouge"] if selection == "oracle" else -answers[selection]
        order = worth.argsort(descending=True, stable=True)
    return torch.zeros(count, dtype=torch.bool).index_fill_(0, order[:number], True)


def triplet(right: Tensor, keeps: Tensor) -> dict[str, float | None]:
    """p, phi and psi of generated answers, and the label error p* that Theorem 3.2 lets pass.

    right, keeps : (n,) bool. p is the share of wrong answers, phi that of the right ones that are kept, psi that of the wrong
    ones; "p_star" is ``phi / (phi + psi)``, "wrong" the share of wrong ones among what is kept. None where there is nothing to
    count. Raises ValueError for other tensors. Source: Theorem 3.2. Checked by
    tests/experiments/beyond_collapse/test_summaries.py.
    """
    tensors.real("right", right, "(n,), torch.bool", dims=(1,), empty=False)
    tensors.bits("right", right, right.shape), tensors.bits("keeps", keeps, right.shape)
    phi, psi, wrong = (
        part.double().mean().item() if len(part) else None for part in (keeps[right], keeps[~right], ~right[keeps])
    )
    known = phi is not None and psi is not None and phi + psi > 0
    p_star = breakdown_point(phi, psi) if known else None
    return {"p": 1 - right.double().mean().item(), "phi": phi, "psi": psi, "p_star": p_star, "wrong": wrong}


def retrained(
    seed: int,
    source: Source,
    answers: Mapping[str, Tensor],
    selection: str,
    rate: float,
    labels: str,
    design: Mapping,
) -> dict[str, object]:
    """Part: a summarizer trained from scratch on the answers that a selection keeps, tested on the articles of the seed.

    ``answers`` is what :func:`written` returns for the same seed, source and design. ``labels`` "generated" are the paper's;
    "original" is a control: the same articles with their oracle sentences, so that what the choice of articles does is told apart
    from what wrong answers do.

    Returns "rouge", the mean Rouge-1 of the test articles, "right", the share of oracle sentences, "kept", a number, and what
    :func:`triplet` returns. Raises ValueError as :func:`kept`. Source: Section 5.3, Figure 4.
    Checked by tests/experiments/beyond_collapse/test_summaries.py.
    """
    arguments.one_of("labels", labels, LABELS)
    data = corpus(source, design["columns"], design["longest"])
    split = rows(len(data.best), design, seed=seed)
    keeps = kept(answers, selection, rate, seed=seed)
    places = answers["place"][keeps]
    chosen = answers["chosen"][keeps] if labels == "generated" else data.best[places]
    # one start and one order for all selections: their differences are those of the data
    model = learned(data, OWN, places, chosen, design, seed=seed, name="learner")
    said, _ = answers_of(model, data, OWN, split.test)
    score = data.rouge[split.test, said]
    right = score >= data.rouge[split.test].amax(1)
    found = {"rouge": score.double().mean().item(), "right": right.double().mean().item(), "kept": int(keeps.sum())}
    return found | triplet(answers["right"], keeps)


def lines(answers: Mapping[str, Tensor]) -> dict[str, float]:
    """Part: what stands beside the curves: mean test Rouge-1 of "generator", "verifier", "originals", "lead" and "oracle", the
    share "agree" of the generator's answers that the verifier would have given too, and "right", the share of right ones.

    Checked by tests/experiments/beyond_collapse/test_summaries.py.
    """
    tested = {name: answers[f"test {name}"] for name in ("generator", "verifier", "originals", "lead", "oracle")}
    both = tested | {"agree": answers["agree"], "right": answers["right"]}
    return {name: each.double().mean().item() for name, each in both.items()}
