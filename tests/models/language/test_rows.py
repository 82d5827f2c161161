"""Texts as rows of tokens: what is cut, what is counted, and that an answer has the same tokens wherever it stands."""

import pytest
import tiny
import torch
from tiny import TEMPLATE

from lib.models.language.model import ANSWER, END, NOTHING, PROMPT
from lib.models.language.rows import Row, checked, padded, pairs, prompts, reply_tokens

ARTICLE = "The council closed the old bridge of Barham"
SUMMARY = "The bridge is closed."


def words(model, tokens):
    return model.tokenizer.convert_ids_to_tokens(tokens)


def test_a_short_pair(model):
    (row,) = pairs(model, TEMPLATE, [ARTICLE], [f"  {SUMMARY}\n"], answer=24)
    said = ["The", "bridge", "is", "closed", ".", "</s>"]
    asked = ["<s>", "Article", ":", "The", "council", "closed", "the", "old", "bridge", "of", "Barham", ".", "A"]
    assert words(model, row.tokens)[-6:] == said
    assert words(model, row.tokens)[: len(asked)] == asked
    assert row.kinds == [PROMPT] * (len(row.tokens) - 6) + [ANSWER] * 5 + [END]
    (prompt,) = prompts(model, TEMPLATE, [ARTICLE], answer=24)
    assert row.tokens == prompt.tokens + row.tokens[-6:]
    (everything,) = pairs(model, TEMPLATE, [ARTICLE], [SUMMARY], answer=24, all_text=True)
    assert everything == Row(row.tokens, [PROMPT] + [ANSWER] * (len(row.tokens) - 2) + [END])


@pytest.mark.parametrize("answer", [24, 60, 100])
def test_a_long_text_loses_its_end(model, answer):
    documents, summaries = tiny.news(4)
    for text, row in zip(documents, prompts(model, TEMPLATE, documents, answer=answer), strict=True):
        assert len(row.tokens) == model.block - answer  # a word is a token here, so that all room is used
        assert words(model, row.tokens)[-6:] == ["A", "summary", "of", "the", "article", ":"]
        body = row.tokens[3:-7]
        assert body == model.tokenizer(text, add_special_tokens=False).input_ids[: len(body)]
    for row, prompt in zip(
        pairs(model, TEMPLATE, documents, summaries, answer=answer),
        prompts(model, TEMPLATE, documents, answer=answer),
        strict=True,
    ):
        assert row.tokens[: len(prompt.tokens)] == prompt.tokens
        assert len(row.tokens) <= model.block


def test_a_long_answer_is_cut(model):
    (row,) = pairs(model, TEMPLATE, [ARTICLE], [" ".join(["bridge"] * 50)], answer=10)
    assert row.kinds[-11:] == [PROMPT] + [ANSWER] * 10


def test_braces_in_a_text(model):
    (row,) = prompts(model, TEMPLATE, ["{} {0} {council}"], answer=4)
    assert "council" in words(model, row.tokens)


def test_tokens_behind_a_text(model):
    assert words(model, reply_tokens(model, "  yes ")) == ["yes"]
    # where a tokenizer marks the first word of a text, as SentencePiece's do, an answer has no such mark
    plain = model.tokenizer

    class Marked:
        eos_token_id = plain.eos_token_id

        def __call__(self, texts, **options):
            found = plain(texts, **options)
            found.input_ids = [[99, *ids] for ids in found.input_ids]
            return found

    model.tokenizer = Marked()
    assert reply_tokens(model, "yes") == plain("yes", add_special_tokens=False).input_ids


def test_a_token_across_prompt_and_answer(model):
    """Where prompt and answer together are cut otherwise than the prompt, the answer's own tokens stand behind the prompt's."""
    plain = model.tokenizer

    class Joining:
        eos_token_id = plain.eos_token_id
        decode = plain.decode

        def __call__(self, texts, **options):
            found = plain(texts, **options)
            if isinstance(texts, list) and not texts[0].startswith(":"):
                found.input_ids = [
                    [*ids[:-3], 7] if "closed." in text else ids
                    for text, ids in zip(texts, found.input_ids, strict=True)
                ]
            return found

    model.tokenizer = Joining()
    (row,) = pairs(model, "{} closed:", ["The bridge is"], ["closed."], answer=8)
    assert row.tokens[-3:] == [*plain("closed.", add_special_tokens=False).input_ids, plain.eos_token_id]


def test_padding_on_the_left():
    rows = padded([Row([5], [PROMPT]), Row([6, 7, 8], [PROMPT, ANSWER, END])], 3)
    assert torch.equal(rows[:, 0], torch.tensor([[3, 3, 5], [6, 7, 8]]))
    assert torch.equal(rows[:, 1], torch.tensor([[NOTHING, NOTHING, PROMPT], [PROMPT, ANSWER, END]]))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"answers": [SUMMARY, " "]},
            r"^answers\[1\] = ' ' is empty; allowed: an answer with a word; leave out the pairs",
        ),
        ({"answers": [SUMMARY, "\u200b"]}, r"^answers\[1\] = .* has no token of this model; allowed: "),
        ({"answers": [SUMMARY]}, r"^answers has 1 texts, allowed: 2, one for each"),
        ({"template": "Article:"}, r"^template = 'Article:' has no single place .*; allowed: with \{\} once"),
        ({"template": "{} or {}"}, r"^template = .* has no single place"),
        ({"answer": 128}, r"^answer = 128 is outside \[1, 127\]"),
        (
            {"answer": 120},
            r"^template = .* with a text has \d+ tokens, and 8 have room; allowed: one that leaves room .* or a larger",
        ),
        ({"all_text": 1}, r"^all_text = 1 is not one of True, False"),
    ],
)
def test_bad_pairs(model, changed, said, monkeypatch):
    if "\u200b" in changed.get("answers", []):
        monkeypatch.setattr("lib.models.language.rows._tokens", _deaf("lib.models.language.rows._tokens"))
    given = {"template": TEMPLATE, "texts": [ARTICLE, ARTICLE], "answers": [SUMMARY, SUMMARY], "answer": 24} | changed
    with pytest.raises(ValueError, match=said):
        pairs(model, **given)


def _deaf(name):
    """A tokenizer that drops a character of no width, as normalisers do; the tiny one takes it for an unknown word."""
    from lib.models.language import rows

    own = rows._tokens
    return lambda model, texts: own(model, [text.removesuffix(" \u200b") for text in texts])


def test_no_rows():
    with pytest.raises(ValueError, match=r"^rows = \[\] is empty; allowed: at least one row"):
        padded([], 0)
    with pytest.raises(ValueError, match=r"^taught\[0\] = .*, allowed: a Row with an answer, of pairs"):
        checked("taught", [Row([1, 2], [PROMPT, PROMPT])], answered=True)
