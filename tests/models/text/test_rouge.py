"""Rouge-1 by hand and against the implementation of torchmetrics, which is another one."""

import warnings

import pytest

from lib import datasets
from lib.datasets.vision import load_torchvision
from lib.models.text.rouge import best, rouge_1
from lib.models.text.sentences import split


@pytest.mark.parametrize(
    ("candidate", "reference", "wanted"),
    [
        ("The cat sat", "the cat sat.", 1.0),
        ("the cat", "the dog", 0.5),
        ("the the the", "the cat", 2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2)),  # a word counts as often as both have it
        ("cats", "cat", 0.0),  # no stemming
        ("don't", "don t", 1.0),  # all but letters and digits are spaces
        ("a b c d", "a b", 2 * 0.5 * 1 / 1.5),
        ("", "a", 0.0),
        ("a", "...", 0.0),
        ("x y", "y x", 1.0),  # order counts for nothing
    ],
)
def test_by_hand(candidate, reference, wanted):
    assert rouge_1([candidate], reference) == [pytest.approx(wanted)]


def test_against_torchmetrics():
    load_torchvision()  # torchmetrics imports it
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torchmetrics.functional.text.rouge import rouge_score
    documents, summaries = datasets.load("toy-news", count=8)
    for document, summary in zip(documents, summaries, strict=True):
        sentences = split(document)
        ours = rouge_1(sentences, summary)
        for sentence, value in zip(sentences, ours, strict=True):
            theirs = rouge_score(sentence, summary, rouge_keys="rouge1")["rouge1_fmeasure"].item()
            assert value == pytest.approx(theirs, abs=1e-6)


def test_best_is_the_first_of_equal_ones():
    assert best([0.1, 0.5, 0.5]) == 1
    with pytest.raises(ValueError, match=r"^scores = \[\] is empty"):
        best([])
