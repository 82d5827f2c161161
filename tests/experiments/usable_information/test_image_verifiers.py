"""Who is rejected, on scores written by hand and on a few digits; what rejections bring, worked out by hand."""

import math

import pytest
import torch
from image_cases import SMALLER, entry
from torch import nn

from lib.experiments.usable_information import loops, trainings, verifiers

LEARNER = {"alpha": 0.5, "steps": 60, "rate": 0.01}
SYNTHESIZER = {"capacity": 1.0, "steps": 150, "batch": 16, "rate": 0.01}
PARTS = {**SMALLER, "seed": 0, "learner": LEARNER}


@pytest.fixture(scope="module")
def start():
    return loops.generation(number=0, n_pairs=60, synthesizer=SYNTHESIZER, **PARTS)


@pytest.fixture(scope="module")
def helped(start):
    return verifiers.helpers(n_pairs=60, start=start, **PARTS)


def test_scores():
    """Softmax of logits by hand: the first pixels of an image, in [0, 1]."""

    class Pixels(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, x):
            return x.flatten(1)[:, :2] * self.scale

    images = torch.tensor([[255, 0], [0, 0], [0, 255]], dtype=torch.uint8).view(3, 1, 1, 2)
    p = 1 / (1 + math.exp(-1))
    found = verifiers.scores(Pixels(), images, torch.tensor([0, 1, 0]))
    assert found.tolist() == pytest.approx([p, 0.5, 1 - p])


def test_rank_within():
    """Places from 1/n to 1 among those of the same label; the other label's scores do not count."""
    score = torch.tensor([0.9, 0.1, 0.5, 0.2, 0.3])
    ranks = verifiers.rank_within(score, torch.tensor([0, 1, 0, 0, 1]))
    assert ranks.tolist() == pytest.approx([1, 0.5, 2 / 3, 1 / 3, 1])


def test_kept():
    """Of each of two labels half goes; all labels together one of them goes whole; the oracle rejects wrong labels first."""
    labels = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
    truth = torch.tensor([0, 0, 1, 1, 1, 0, 1, 0])
    score = torch.tensor([0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1])
    random = torch.tensor([0.1, 0.2, 0.3, 0.4, 0.9, 0.8, 0.7, 0.6])
    arguments = {"labels": labels, "truth": truth, "score": score, "random": random}

    def rows(judge, rejected=0.5):
        return set(verifiers.kept(judge, rejected, **arguments).tolist())

    assert rows("verifier") == {0, 1, 4, 5}
    assert rows("verifier, all labels together") == {0, 1, 2, 3}
    assert rows("random") == {2, 3, 4, 5}
    assert rows("oracle") == {0, 1, 4, 6}
    assert rows("verifier", 0) == set(range(8))
    assert len(rows("verifier", 0.25)) == 6


def test_helpers(start, helped, sets):
    """The labeller knows more than chance; the verifier is another network, and scores are probabilities of the labels."""
    names = {"pseudo", "scores/true", "scores/pseudo"}
    assert set(helped) == names | {f"test/{name}" for name in names}
    assert len(helped["test/pseudo"]) == len(helped["test/scores/true"]) == len(sets.test)
    right = verifiers.right_pseudo_labels(helped, sets.labels)
    assert right == pytest.approx((helped["pseudo"] == sets.labels).sum().item() / 120)
    assert right > 0.25
    assert 0 <= helped["scores/true"].min() <= helped["scores/true"].max() <= 1
    same = helped["pseudo"] == sets.labels
    assert torch.equal(helped["scores/true"][same], helped["scores/pseudo"][same])
    again = verifiers.helpers(n_pairs=60, start=start, **PARTS)
    assert all(torch.equal(again[name], value) for name, value in helped.items())


def test_labeller_and_verifier_share_no_stream(start, monkeypatch):
    """Every network of two seeds starts from a number of its own: seed 0's verifier once had that of seed 1's labeller."""
    numbers = []
    fresh = trainings.fresh_learner

    def watched(*arguments, config, **more):
        numbers.append(config.seed)
        return fresh(*arguments, config=config, **more)

    monkeypatch.setattr(trainings, "fresh_learner", watched)
    for seed in (0, 1):
        parts = {**PARTS, "seed": seed, "learner": {**LEARNER, "steps": 1}}
        helped = verifiers.helpers(n_pairs=60, start=start, **parts)
        verifiers.verified(kind="true", judge="random", rejected=0.5, start=start, helped=helped, **parts)
        loops.generation(number=0, n_pairs=60, synthesizer={**SYNTHESIZER, "steps": 1}, **parts)
    assert len(numbers) == 8
    assert len(set(numbers)) == 8


def test_verified(start, helped):
    """Labels left are right as often as counted; true ones always; nothing rejected is the same for all judges."""
    given = {**PARTS, "start": start, "helped": helped}
    oracle = verifiers.verified(kind="pseudo", judge="oracle", rejected=0.5, **given)
    everything = verifiers.verified(kind="pseudo", judge="random", rejected=0, **given)
    assert oracle["right labels"] > everything["right labels"]
    sets = trainings.image_sets(*SMALLER.values())
    assert everything["right labels"] == pytest.approx(verifiers.right_pseudo_labels(helped, sets.labels))
    assert verifiers.verified(kind="true", judge="verifier", rejected=0.5, **given)["right labels"] == 1
    assert everything["accepted"] == everything["matched"]
    assert oracle["accepted"]["accuracy"] > oracle["matched"]["accuracy"]  # it keeps what the labeller knows


@pytest.fixture
def found():
    """Rejected shares 0, 0.25, 0.5 and 0.9, two seeds."""

    def rows(*bits):
        return [[entry(bits=b, **{"right labels": 0.5}), entry(bits=b + 0.2, **{"right labels": 0.7})] for b in bits]

    pseudo = {
        "verifier": rows(1.0, 1.3, 1.5, -3.0),
        "random": rows(1.0, 0.9, 0.8, 0.1),
        "oracle": rows(1.0, 1.6, 1.8, 2.0),
    }
    return {"rejected": [0, 0.25, 0.5, 0.9], "verified": {"pseudo": pseudo}}


def test_over_rejections(found):
    """(rejected, seeds), bits below zero as zero; right labels are those of the part."""
    bits = verifiers.over_rejections(found, "pseudo", "verifier")
    assert bits.shape == (4, 2)
    assert bits[3].tolist() == [0, 0]
    assert verifiers.over_rejections(found, "pseudo", "oracle", "right labels")[1].tolist() == [0.5, 0.7]


def test_gained(found):
    """Over rejections of a quarter and a half: 0.4 and 0.7 against random, 0.3 and 0.5 against none; seeds agree."""
    error = math.sqrt(2) * 0.1
    for rows in found["verified"]["pseudo"].values():
        for row in rows:
            for each in row:
                each["accepted"] = {**each["matched"], "bits": each["matched"]["bits"] * 2, "bits_error": 0.3}
    assert verifiers.gained(found, "pseudo", "verifier", "random") == pytest.approx((0.55, error))
    against_none = verifiers.gained(found, "pseudo", "verifier", "random", without_rejection=True)
    assert against_none == pytest.approx((0.4, error))
    assert verifiers.gained(found, "pseudo", "oracle", "verifier").value == pytest.approx(0.3)
    accepted = verifiers.gained(found, "pseudo", "verifier", "random", reading="accepted")
    assert accepted == pytest.approx((1.1, math.sqrt(2) * 0.3))
