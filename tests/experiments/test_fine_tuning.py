"""lib.experiments.fine_tuning: each computation of hours with language models keeps its state and tells how far it is."""

import pytest
import tiny

from lib.datasets import toy_safety
from lib.datasets.source import Source
from lib.experiments import fine_tuning
from lib.experiments.beyond_collapse import language_summaries
from lib.experiments.random_matrices import language_preferences, language_safety
from lib.experiments.random_matrices.safety_answers import places
from lib.models.language.folder import Folder

NEWS, SAFETY = Source("toy-news", count=48), Source("toy-safety", count=200)
TUNING = {"learning_rate": 5e-3, "schedule": "cosine", "batch": 4}
SUMMARIES = language_summaries.PAPER | {
    "test_share": 0.25, "generator_share": 0.25, "block": 160, "answer": 4, "at_once": 8, "tuning": TUNING,
}  # fmt: skip
JUDGES = language_safety.PAPER | {
    "test_share": 0.25, "real": 24, "labeller": 16, "verifier": 16, "pool": 24, "block": 128, "dtype": "float32", "lora": 2,
    "tuning": TUNING,
}  # fmt: skip
PREFERENCES = language_preferences.PAPER | {
    "test_share": 0.5, "judge": 10, "human": 8, "synthetic": 8, "block": 128, "answer": 4, "dtype": "float32", "lora": 2,
    "tuning": TUNING,
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    documents, summaries = tiny.news(48)
    answers = toy_safety.load(count=200)
    texts = [*documents, *summaries, *answers.questions, *answers.answers]
    return Folder(tiny.make(tmp_path_factory.mktemp("model") / "tiny", texts=texts))


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """What was kept and what was told, as a part runs: the last word of each name, and each name's file."""
    last = {}
    monkeypatch.setattr(fine_tuning, "checkpoint", lambda name: tmp_path / f"{name}.safetensors")
    monkeypatch.setattr(fine_tuning, "telling", lambda name: lambda *given: last.update({name: given}))

    def found():
        assert {path.stem for path in tmp_path.iterdir()} == set(last)
        return last

    return found


def test_summaries(model, kept):
    said = language_summaries.answered(0, NEWS, model, SUMMARIES)
    scored = sum(map(bool, said["answers"]))
    assert kept() == {
        "generator": (1, 2, "steps"),  # nine articles in batches of four
        "answers": (36, 36, "rows"),
        "scores": (scored, scored, "rows"),
        "tested": (12, 12, "rows"),
    }


def test_safety_answers(model, kept):
    language_safety.judged(0, SAFETY, model, "labeller", JUDGES)
    tests = len(places(SAFETY.load(), JUDGES, seed=0)["test"])
    assert kept() == {"labeller": (3, 4, "steps"), "pool": (24, 24, "rows"), "tested": (tests, tests, "rows")}


def test_preferences(model, kept):
    rates = {"epsilon": 0.1, "phi": 1.0, "psi": 1.0}
    found = language_preferences.answered(0, SAFETY, model, m=8, **rates, design=PREFERENCES)
    asked = len(found["answers"])
    assert kept() == {"preferred": (3, 4, "steps"), "answers": (asked, asked, "rows")}
