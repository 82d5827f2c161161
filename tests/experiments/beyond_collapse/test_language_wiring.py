"""Figure 4 by language models: which model learns which answers to which articles, by a training that only takes notes."""

import pytest
import torch

from lib.datasets.source import Source
from lib.experiments.beyond_collapse import language_summaries as parts

SOURCE = Source("toy-news", count=48)
TUNING, RETUNING = {"learning_rate": 1e-3}, {"learning_rate": 2e-3}
DESIGN = parts.PAPER | {"test_share": 0.25, "generator_share": 0.25, "tuning": TUNING, "retuning": RETUNING}


@pytest.fixture
def noted(monkeypatch):
    """What each training, each test and each scoring is given; a model is the name of its training."""
    notes = {"tuned": [], "tested": [], "doubts": [], "written": []}

    def tuned(folder, template, texts, answers, design, training, *, seed, stream, name):
        notes["tuned"].append((folder, list(texts), list(answers), training, name))
        return name

    def tested(model, data, places, design):
        notes["tested"].append((model, places.tolist()))
        return 0.5

    def doubts(model, data, places, said, design):
        notes["doubts"].append((model, places.tolist(), list(said)))
        return [1.0] * len(said)

    def written(model, data, places, design, *, name):
        notes["written"].append((model, places.tolist()))
        return [f"answer {k}" for k in places.tolist()]

    for each in (tuned, tested, doubts, written):
        monkeypatch.setattr(parts, each.__name__, each)
    return notes


@pytest.fixture
def split():
    return parts.articles(SOURCE, DESIGN, seed=0)


def pairs(data, places):
    return [data.documents[k] for k in places.tolist()], [data.summaries[k] for k in places.tolist()]


def test_the_generator(noted, split):
    """It learns original summaries of its share, answers and scores all training articles, and is tested on the others."""
    data, rows = split
    found = parts.answered(0, SOURCE, "folder", DESIGN)
    assert noted["tuned"] == [("folder", *pairs(data, rows.generator), TUNING, "generator")]
    assert noted["written"] == [("generator", rows.train.tolist())]
    assert noted["doubts"] == [("generator", rows.train.tolist(), found["answers"])]
    assert noted["tested"] == [("generator", rows.test.tolist())]


def test_the_verifier(noted, split):
    """It learns original summaries of its own share, and scores the generator's answers under their own articles."""
    data, rows = split
    said = [f"answer {k}" for k in rows.train.tolist()]
    parts.doubted(0, SOURCE, "other", {"answers": said}, DESIGN)
    assert noted["tuned"] == [("other", *pairs(data, rows.verifier), TUNING, "verifier")]
    assert noted["doubts"] == [("verifier", rows.train.tolist(), said)]
    assert noted["tested"] == [("verifier", rows.test.tolist())]


def test_the_line_of_all_originals(noted, split):
    data, rows = split
    parts.originals(0, SOURCE, "folder", DESIGN)
    assert noted["tuned"] == [("folder", *pairs(data, rows.train), TUNING, "originals")]
    assert noted["tested"] == [("originals", rows.test.tolist())]


@pytest.mark.parametrize("selection", ["oracle", "weak", "self", "random"])
def test_a_student_learns_kept_answers_to_their_own_articles(selection, noted, split):
    data, rows = split
    count = len(rows.train)
    answers = [f"answer {k}" for k in rows.train.tolist()]
    answers[3] = ""
    generator = torch.Generator().manual_seed(0)
    rouge, own, weak = torch.rand(3, count, generator=generator, dtype=torch.float64).tolist()
    generated, verified = {"answers": answers, "rouge": rouge, "self": own}, {"weak": weak}
    parts.retrained(0, SOURCE, "folder", generated, verified, selection, 0.5, DESIGN)
    keeps = parts.kept(parts.selectors(generated, verified), selection, 0.5, seed=0).nonzero()[:, 0].tolist()
    chosen = [k for k in keeps if answers[k]]
    texts = [data.documents[rows.train[k]] for k in chosen]
    assert noted["tuned"] == [("folder", texts, [answers[k] for k in chosen], RETUNING, "learner")]
    assert noted["tested"] == [("learner", rows.test.tolist())]
