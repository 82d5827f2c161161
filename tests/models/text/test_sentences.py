"""Sentences of English texts, case by case."""

import pytest

from lib import datasets
from lib.models.text.sentences import split


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("First line\nsecond line. Third.", ["First line", "second line.", "Third."]),
        ("Mr. Smith met Dr. Jones. They talked.", ["Mr. Smith met Dr. Jones.", "They talked."]),
        ("J. R. Hartley wrote. He fished.", ["J. R. Hartley wrote.", "He fished."]),
        ("The U.S. Army left. It rained.", ["The U.S. Army left.", "It rained."]),
        ("It cost 3.50 pounds. £20 was paid.", ["It cost 3.50 pounds.", "£20 was paid."]),
        ('"Go away." He left.', ['"Go away."', "He left."]),
        ('He said: "Go." "Why?" she asked.', ['He said: "Go."', '"Why?" she asked.']),
        ("It ended at 5 p.m. on Monday.", ["It ended at 5 p.m. on Monday."]),
        ("a.b. lower case goes on", ["a.b. lower case goes on"]),
        ("Really?! Yes...  No", ["Really?!", "Yes...", "No"]),
        ("***\n\n --- \nWords.", ["Words."]),
        ("", []),
        ("   \n", []),
        ("été", ["été"]),
    ],
)
def test_cases(text, wanted):
    assert split(text) == wanted


def test_no_word_is_lost():
    """Sentence by sentence, the text is the one that was split, but for white space."""
    for document in datasets.load("toy-news", count=50).documents:
        assert "".join("".join(split(document)).split()) == "".join(document.split())
        assert 9 <= len(split(document)) <= 12
