"""Figure 9 by language models, end to end on a tiny one: judges, labels, shares and students."""

import pytest
import tiny
import torch

from lib.datasets import toy_safety
from lib.datasets.source import Source
from lib.experiments.random_matrices import language_safety as parts
from lib.models.language.folder import Folder

SOURCE = Source("toy-safety", count=200)
DESIGN = parts.PAPER | {
    "test_share": 0.25, "real": 24, "labeller": 16, "verifier": 16, "pool": 24, "block": 128, "at_once": 16, "dtype": "float32",
    "lora": 4, "tuning": {"learning_rate": 5e-3, "schedule": "cosine", "batch": 4},
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    data = toy_safety.load(count=200)
    return Folder(tiny.make(tmp_path_factory.mktemp("model") / "tiny", texts=[*data.questions, *data.answers]))


@pytest.fixture(scope="module")
def judged(model):
    return [parts.judged(0, SOURCE, model, role, DESIGN) for role in ("labeller", "verifier")]


def test_judges(judged):
    for each in judged:
        assert len(each["odds"]) == 24
        assert 0 <= each["test"] <= 1
    assert judged[0]["odds"] != judged[1]["odds"]  # they learned on other rows


def test_labels():
    found = parts.labels(torch.tensor([1, 1, 0, 0]), [2.0, -1.0, -0.5, 3.0], [1.0, -1.0, 1.0, -1.0])
    assert found.right.tolist() == [True, False, True, False]
    kept = {name: each.tolist() for name, each in found.kept.items()}
    assert kept == {
        "oracle": [True, False, True, False],
        "weak": [True, True, False, False],
        "own": [True, True, False, True],  # torch's median of four is the second
        "none": [True] * 4,
    }


def test_students(model, judged):
    none, some = (parts.retrained(0, SOURCE, model, *judged, "none", m, DESIGN) for m in (0, 24))
    assert (none["kept"], some["kept"]) == (0, 24)
    oracle = parts.retrained(0, SOURCE, model, *judged, "oracle", 24, DESIGN)
    assert 0 <= oracle["kept"] < 24
    assert all(0 <= each["accuracy"] <= 1 for each in (none, some, oracle))
    with pytest.raises(ValueError, match=r"^m = 25 is outside \[0, 24\]"):
        parts.retrained(0, SOURCE, model, *judged, "none", 25, DESIGN)


def test_shares(judged):
    found = parts.shares(0, SOURCE, *judged, DESIGN)
    assert found["oracle"]["phi"] == 1
    assert found["oracle"]["psi"] == 0
    assert found["none"]["psi"] == 1


def test_one_class(model):
    data = parts.answers_of(SOURCE)
    with pytest.raises(ValueError, match=r"^labels of 5 rows of the student are all \[1\]; allowed: both of 0 and 1"):
        parts.learned(model, data, torch.arange(5), torch.ones(5, dtype=torch.int64), DESIGN, seed=0, name="student")


def test_a_student_learns_the_labeller_s_labels(monkeypatch):
    """Real rows with human labels, and of the pool what is kept, right or wrong, with the labels that the labeller gave."""
    noted = []

    def learned(folder, data, at, taught, design, *, seed, name):
        noted.append((folder, at.tolist(), taught.tolist(), name))

    monkeypatch.setattr(parts, "learned", learned)
    monkeypatch.setattr(parts, "accuracy", lambda *_: 0.5)
    data, rows = parts._split(SOURCE, DESIGN, 0)
    signs = torch.where(torch.arange(24) % 3 > 0, 1.0, -1.0)  # a labeller that says safe twice of three times
    found = parts.retrained(0, SOURCE, "folder", {"odds": signs.tolist()}, {"odds": [1.0] * 24}, "weak", 20, DESIGN)
    kept = [k for k in range(20) if signs[k] > 0]  # the verifier says safe of all
    at = rows["real"].tolist() + rows["pool"][kept].tolist()
    labels = data.labels[rows["real"]].long().tolist() + [1] * len(kept)
    assert noted == [("folder", at, labels, "student")]
    assert found["kept"] == len(kept)


def test_all_weights_in_bfloat16_are_refused(model):
    """A step of 0.00005 on a weight of 0.02 is below half of the last of eight bits: nothing would be learned."""
    weight = torch.tensor(0.02).bfloat16()
    assert weight - 5e-5 == weight
    with pytest.raises(ValueError, match=r"^dtype = 'bfloat16' with lora = 0 .*; allowed: 'float32', or adapters"):
        parts.judged(0, SOURCE, model, "labeller", DESIGN | {"dtype": "bfloat16", "lora": 0})
