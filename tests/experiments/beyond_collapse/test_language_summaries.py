"""Figure 4 by language models, end to end on a tiny one: every part, what it keeps, and what it says of bad input."""

import math

import pytest
import tiny
import torch

from lib.datasets.source import Source
from lib.experiments.beyond_collapse import language_summaries as parts
from lib.models.language.folder import Folder
from lib.models.text import rouge

SOURCE = Source("toy-news", count=48)
TRAINING = {"learning_rate": 3e-3, "schedule": "cosine", "batch": 4}
DESIGN = parts.PAPER | {
    "test_share": 0.25, "generator_share": 0.25, "block": 160, "answer": 12, "at_once": 8,
    "tuning": TRAINING, "retuning": TRAINING | {"schedule": "constant"},
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    documents, summaries = tiny.news(48)
    return Folder(tiny.make(tmp_path_factory.mktemp("model") / "tiny", texts=documents + summaries))


@pytest.fixture(scope="module")
def generated(model):
    return parts.answered(0, SOURCE, model, DESIGN)


@pytest.fixture(scope="module")
def verified(model, generated):
    return parts.doubted(0, SOURCE, model, generated, DESIGN)


def test_answers(generated):
    data, split = parts.articles(SOURCE, DESIGN, seed=0)
    assert (len(split.train), len(split.generator)) == (36, 9)
    assert len(generated["answers"]) == len(generated["self"]) == 36
    for place, answer, score, doubt in zip(
        split.train.tolist(), generated["answers"], generated["rouge"], generated["self"], strict=True
    ):
        assert score == rouge.rouge_1([answer], data.summaries[place])[0]
        assert (doubt is None) == (answer == "")
    assert 0 <= generated["test"] <= 1


def test_the_verifier_has_seen_more(generated, verified):
    """Tuned on all articles instead of a quarter: another model, other perplexities."""
    assert len(verified["weak"]) == 36
    assert verified["weak"] != generated["self"]


def test_retrained(model, generated, verified):
    found = {
        name: parts.retrained(0, SOURCE, model, generated, verified, name, 0.5, DESIGN) for name in ("oracle", "self")
    }
    for each in found.values():
        assert each["kept"] == 18
        assert 0 <= each["rouge"] <= 1
    assert found["oracle"]["psi"] <= found["self"]["psi"]
    assert found["oracle"] == parts.retrained(0, SOURCE, model, generated, verified, "oracle", 0.5, DESIGN)


def test_blank_answers_are_the_last_to_be_kept():
    said = {"answers": ["a", "", "b"], "rouge": [0.5, 0.0, 0.1], "self": [2.0, None, 3.0]}
    scores = parts.selectors(said, {"weak": [3.0, None, 2.0]})
    assert scores["self"].tolist() == [2.0, math.inf, 3.0]
    assert torch.equal(parts.kept(scores, "weak", 2 / 3, seed=0), torch.tensor([True, False, True]))


def test_other_data(model):
    with pytest.raises(ValueError, match=r"holds too little; allowed: at least 40 articles with summaries"):
        parts.answered(0, Source("toy-safety", count=60), model, DESIGN)
