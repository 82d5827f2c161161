"""Features of sentences: each column by hand, and hashing that no other text moves."""

import math

import pytest
import torch

from lib.models.text import features
from lib.models.text.features import PLAIN

ARTICLES = [["The cat sat.", "A DOG ran 12 miles", '"Yes," said the cat.'], ["Alone here."]]


def plain(article, sentence, name):
    return features.of_articles(ARTICLES, 4, "words")[article, sentence, PLAIN.index(name)].item()


def test_plain_columns():
    assert [plain(0, k, "there") for k in range(3)] == [1, 1, 1]
    assert [plain(0, k, "place") for k in range(3)] == pytest.approx([0, 1 / 3, 2 / 3])
    assert [[plain(0, k, name) for k in range(3)] for name in ("first", "second", "third")] == torch.eye(3).tolist()
    assert plain(0, 0, "length") == pytest.approx(math.log(4) / 4)
    assert plain(0, 1, "digits") == pytest.approx(2 / 18)
    assert plain(0, 1, "capitals") == pytest.approx(4 / 18)
    assert [plain(0, k, "quotation") for k in range(3)] == [0, 0, 1]
    # "the" and "cat" are in one of the two other sentences each, "sat" in none
    assert plain(0, 0, "shared") == pytest.approx(2 / (2 * 3))
    assert plain(1, 0, "shared") == 0


def test_padding_is_zero():
    found = features.of_articles(ARTICLES, 4, "letters")
    assert found.shape == (2, 3, len(PLAIN) + 4)
    assert found.dtype == torch.float32
    assert not found[1, 1:].any()


@pytest.mark.parametrize("kind", features.KINDS)
def test_no_text_moves_another(kind):
    alone, together = (features.hashed(texts, 64, kind) for texts in (["A cat sat."], ["Dogs ran.", "A cat sat."]))
    assert torch.equal(alone[0], together[1])
    assert together.norm(dim=1).tolist() == pytest.approx([1, 1])
    assert not torch.equal(together[0], together[1])


def test_kinds_differ():
    """Words see no difference that letters see: one ending."""
    cosine = {
        kind: (features.hashed(["walking"], 4096, kind) @ features.hashed(["walked"], 4096, kind).T).item()
        for kind in features.KINDS
    }
    assert cosine["words"] == 0
    assert cosine["letters"] > 0.3


def test_nothing_to_hash():
    assert features.hashed([], 8, "words").shape == (0, 8)
    assert not features.hashed(["..."], 8, "words").any()


@pytest.mark.parametrize(
    ("articles", "words"),
    [
        ([], r"articles of 0 sentences; allowed"),
        ([["a"], []], r"articles\[1\] = \[\]; allowed"),
        ([["a", 3]], r"articles\[0\]\[1\] = 3 is no text"),
        ("text", r"articles = 'text' is no list"),
    ],
)
def test_bad_articles(articles, words):
    with pytest.raises(ValueError, match=words):
        features.of_articles(articles, 4, "words")
