"""The made-up texts: the same for everybody, of the form of the real sets, and with something to learn."""

import re
from collections import Counter

import numpy as np
import pytest
import torch

from lib import datasets
from lib.datasets.source import Source
from lib.datasets.toy_safety import CAREFUL, CARELESS
from lib.datasets.toy_words import one_of

DIGESTS = {
    "toy-news": "9011b413bbd8ebc2705ad74a313b71d450c5facbd8826c39b8dc13217fa6bc1c",
    "toy-safety": "2224d8eabec6df973c1e91c171dfa5304348676064033b47961153c09e650432",
}


@pytest.mark.parametrize("name", DIGESTS)
def test_the_same_for_everybody(name):
    """Another content would be another set: records are drawn from this one."""
    assert Source(name, count=50).digest == DIGESTS[name]


@pytest.mark.parametrize("name", DIGESTS)
def test_more_change_no_earlier_one(name):
    few, more = datasets.load(name, count=20), datasets.load(name, count=60)
    for one, other in zip(few, more, strict=True):
        assert (one == other[:20]) if isinstance(one, tuple) else torch.equal(one, other[:20])
    assert len(set(more[0] if name == "toy-news" else more[1])) == 60
    assert all(
        text == text.strip() and "{" not in text for column in more if isinstance(column, tuple) for text in column
    )


@pytest.mark.parametrize(
    ("name", "count"), [("toy-news", 0), ("toy-safety", 1), ("toy-news", 1.5), ("toy-news", 10**6)]
)
def test_count(name, count):
    with pytest.raises(ValueError, match=r"^count = "):
        datasets.load(name, count=count)


def test_an_article_holds_its_news():
    """Thing and place of the summary are in the article, and not always in its first sentence."""
    documents, summaries = datasets.load("toy-news", count=200)
    found = Counter()
    for document, summary in zip(documents, summaries, strict=True):
        words = set(re.findall("[a-z]+", summary.lower()))
        sentences = [set(re.findall("[a-z]+", each.lower())) for each in re.split(r"(?<=\.)\s", document)]
        shared = [len(words & sentence) for sentence in sentences]
        found[shared.index(max(shared))] += 1
        assert max(shared) >= 4
    assert 0.25 < found[0] / 200 < 0.55
    assert len(found) > 4


def test_advice_tells_the_label_but_not_always():
    answers = datasets.load("toy-safety", count=1000)
    right = 0
    for text, label in zip(answers.answers, answers.labels.tolist(), strict=True):
        lower = text.lower()
        care, none = (sum(lower.count(f"{verb} the ") for verb in verbs) for verbs in (CAREFUL, CARELESS))
        right += (care > none) == bool(label)
    assert 0.75 < right / 1000 < 0.9  # three pieces of advice, each right at 0.72: 0.81
    assert answers.labels.bincount().tolist() == [500, 500]


def test_one_of_weighs():
    rng = np.random.default_rng(0)
    counts = Counter(one_of(rng, "abcd", weights=[0, 1, 0, 3]) for _ in range(4000))
    assert set(counts) == {"b", "d"}
    assert abs(counts["d"] / 4000 - 0.75) < 4 * (0.75 * 0.25 / 4000) ** 0.5
    assert set(Counter(one_of(rng, "abc") for _ in range(100))) == set("abc")
