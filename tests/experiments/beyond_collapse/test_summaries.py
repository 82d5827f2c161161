"""lib.experiments.beyond_collapse.summaries on a few made-up articles, step by step."""

import json
import math

import pytest
import torch

from lib.datasets.source import Source
from lib.experiments.beyond_collapse import summaries
from lib.models.text import rouge, sentences, summarizer
from lib.runs.tasks import Task

SOURCE = Source("toy-news", count=300)
DESIGN = {
    "columns": 64, "longest": 20, "test_share": 0.2, "generator_share": 0.125, "verifier_share": 0.5, "hidden": 8,
    "epochs": 20, "batch": 16, "learning_rate": 0.02, "weight_decay": 0.1,
}  # fmt: skip


@pytest.fixture(scope="module")
def answers():
    return summaries.written(0, SOURCE, DESIGN)


def retrain(answers, selection="random", rate=0.5, labels="generated", seed=0):
    return summaries.retrained(seed, SOURCE, answers, selection, rate, labels, DESIGN)


def test_the_corpus_scores_each_sentence():
    data, texts = summaries.corpus(SOURCE, 64, 20), SOURCE.load()
    for row in (0, 7, 299):
        split = sentences.split(texts.documents[row])
        scores = rouge.rouge_1(split, texts.summaries[row])
        assert data.rouge[row, : len(split)].tolist() == pytest.approx(scores)
        assert (data.rouge[row, len(split) :] == -1).all()
        assert data.best[row] == rouge.best(scores)
        assert (data.features["words"][row, :, 0] == (data.rouge[row] >= 0)).all()


def test_longest_cuts_articles():
    assert summaries.corpus(SOURCE, 64, 3).rouge.shape == (300, 3)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source("digits"), r"source = 'digits' holds no articles; allowed: at least 40"),
        (Source("toy-safety", count=50), r"source = 'toy-safety' holds no articles"),
        (Source("toy-news", count=39), r"source = 'toy-news' holds 39 articles; allowed: at least 40"),
    ],
)
def test_other_sources(source, words):
    with pytest.raises(ValueError, match=words):
        summaries.corpus(source, 64, 20)


def test_an_article_without_words(tmp_path):
    (tmp_path / "news").mkdir()
    rows = [{"document": f"Sentence {k}. Another.", "summary": "Sentence."} for k in range(50)]
    rows[4]["document"] = "* * *"
    (tmp_path / "news" / "mine.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(ValueError, match=r"^article 5 of 'news' has no word; allowed: at least one sentence"):
        summaries.corpus(Source("news", root=tmp_path, file="mine.jsonl"), 64, 20)


def test_the_split():
    split = summaries.rows(300, DESIGN, seed=0)
    assert [len(part) for part in split] == [30, 120, 240, 60]
    assert sorted(torch.cat([split.train, split.test]).tolist()) == list(range(300))
    assert not set(split.generator.tolist()) & set(split.verifier.tolist())
    assert set(split.generator.tolist()) | set(split.verifier.tolist()) < set(split.train.tolist())
    assert torch.equal(summaries.rows(300, DESIGN, seed=0).test, split.test)
    assert not torch.equal(summaries.rows(300, DESIGN, seed=1).test, split.test)


@pytest.mark.parametrize(
    "change", [{"test_share": 1.0}, {"generator_share": 0.0}, {"verifier_share": 1.1}, {"generator_share": 0.001}]
)
def test_shares(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        summaries.rows(300, DESIGN | change, seed=0)


def test_what_a_generator_writes(answers):
    data = summaries.corpus(SOURCE, 64, 20)
    place, chosen = answers["place"], answers["chosen"]
    assert torch.equal(answers["rouge"], data.rouge[place, chosen])
    assert torch.equal(answers["right"], answers["rouge"] == data.rouge[place].max(1).values)
    lengths = (data.rouge[place] >= 0).sum(1)
    assert (answers["self"] >= 1).all()
    assert (answers["self"] <= lengths + 1e-4).all()  # its own likeliest sentence has at least the mean probability
    assert (answers["weak"] >= 1).all()


def test_who_learned_what(answers):
    """Generator and verifier, trained anew on their own articles and features, think of the answers what the part says."""
    data, split = summaries.corpus(SOURCE, 64, 20), summaries.rows(300, DESIGN, seed=0)
    models = {
        "generator": ("self", summaries.OWN, split.generator),
        "verifier": ("weak", summaries.OTHER, split.verifier),
        "originals": (None, summaries.OWN, split.train),
    }
    for name, (score, kind, places) in models.items():
        model = summaries.learned(data, kind, places, data.best[places], DESIGN, seed=0, name=name)
        said, chances = summaries.answers_of(model, data, kind, split.train)
        if score:
            assert torch.equal(answers[score], summarizer.perplexity(chances, answers["chosen"]).float())
        if name == "verifier":
            assert torch.equal(answers["agree"], said == answers["chosen"])
        tested = summaries.answers_of(model, data, kind, split.test)[0]
        assert torch.equal(answers[f"test {name}"], data.rouge[split.test, tested])
    assert torch.equal(answers["test lead"], data.rouge[split.test, 0])


def test_lines(answers):
    found = summaries.lines(answers)
    assert found["oracle"] > found["originals"] > found["generator"] > found["lead"]
    assert found["right"] == pytest.approx(answers["right"].float().mean().item())
    assert 0.2 < found["agree"] < 1


def test_a_seed_decides_all(answers):
    again = summaries.written(0, SOURCE, DESIGN)
    assert all(torch.equal(answers[name], again[name]) for name in answers)
    assert retrain(answers) == retrain(answers)


SMALL = {
    "chosen": torch.zeros(4, dtype=torch.int64),
    "rouge": torch.tensor([0.1, 0.4, 0.4, 0.3]),
    "weak": torch.tensor([1.0, 5.0, 2.0, math.inf]),
    "self": torch.tensor([3.0, 1.5, 4.0, 2.0]),
}


@pytest.mark.parametrize(
    ("selection", "rate", "wanted"),
    [
        ("oracle", 0.25, [0, 1, 0, 0]),  # of equal ones the first
        ("oracle", 0.5, [0, 1, 1, 0]),
        ("weak", 0.5, [1, 0, 1, 0]),  # the lowest perplexity
        ("self", 0.5, [0, 1, 0, 1]),
        ("random", 1.0, [1, 1, 1, 1]),
    ],
)
def test_what_is_kept(selection, rate, wanted):
    assert summaries.kept(SMALL, selection, rate, seed=0).int().tolist() == wanted


def test_random_selection_is_one_of_its_seed():
    many = {"chosen": torch.zeros(1000, dtype=torch.int64)}
    one, same, other = (summaries.kept(many, "random", 0.25, seed=seed) for seed in (0, 0, 1))
    assert one.sum() == other.sum() == 250
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


@pytest.mark.parametrize(
    ("selection", "rate", "words"),
    [
        ("best", 0.5, r"^selection = 'best' is not one of 'oracle'"),
        ("self", 0.0, r"^rate = 0.0"),
        ("self", 0.1, r"keeps none"),
    ],
)
def test_bad_selections(selection, rate, words):
    with pytest.raises(ValueError, match=words):
        summaries.kept(SMALL, selection, rate, seed=0)


def test_triplet_by_hand():
    right = torch.tensor([1, 1, 1, 0, 0, 0, 0, 0]).bool()
    keeps = torch.tensor([1, 1, 0, 1, 0, 0, 0, 0]).bool()
    found = summaries.triplet(right, keeps)
    assert found == pytest.approx({"p": 5 / 8, "phi": 2 / 3, "psi": 1 / 5, "p_star": 10 / 13, "wrong": 1 / 3})


def test_triplet_of_nothing():
    nothing, everything = torch.zeros(3, dtype=torch.bool), torch.ones(3, dtype=torch.bool)
    assert summaries.triplet(everything, everything) == {"p": 0, "phi": 1, "psi": None, "p_star": None, "wrong": 0}
    assert summaries.triplet(torch.tensor([True, False]), nothing[:2]) == {
        "p": 0.5, "phi": 0, "psi": 0, "p_star": None, "wrong": None,
    }  # fmt: skip


def test_an_oracle_passes_more_errors_than_chance(answers):
    oracle, chance = (retrain(answers, selection) for selection in ("oracle", "random"))
    assert oracle["p"] == chance["p"] == pytest.approx(1 - answers["right"].float().mean().item())
    assert oracle["p_star"] > chance["p_star"]
    assert oracle["wrong"] < chance["wrong"]
    assert oracle["kept"] == chance["kept"] == 120


def test_all_original_labels_are_the_line(answers):
    """The control on all articles has the data of the line "originals"; start and order are others."""
    control = retrain(answers, "random", 1.0, "original")
    line = summaries.lines(answers)
    assert abs(control["rouge"] - line["originals"]) < 0.5 * (line["originals"] - line["lead"])


def test_wrong_labels_cost(answers):
    generated, original = (retrain(answers, "random", 1.0, labels) for labels in summaries.LABELS)
    assert original["rouge"] > generated["rouge"]
    with pytest.raises(ValueError, match=r"^labels = 'true' is not one of 'generated', 'original'"):
        retrain(answers, labels="true")


def test_a_design_in_a_run():
    """Its parts are tasks: they name what they need, and their keys differ where the design does."""
    first, other = (
        Task("beyond_collapse.summaries.written", seed=0, source=SOURCE, design=DESIGN | change)
        for change in ({}, {"hidden": 9})
    )
    part = Task(
        "beyond_collapse.summaries.retrained",
        seed=0, source=SOURCE, answers=first, selection="self", rate=0.25, labels="generated", design=DESIGN,
    )  # fmt: skip
    assert part.needs == [first]
    assert first.key != other.key
