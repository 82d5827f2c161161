"""Texts as rows of tokens: what is asked, cut to fit, and what is answered.

A template says how a text is asked, with one place for it, such as "Article: {}. A summary of the article:". Of a text that is
too long its end is left out, never the words of the template behind it, and equally where a model learns and where it answers.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from lib import arguments
from lib.models.language.model import ANSWER, END, PROMPT, LanguageModel
from lib.theory import checks

PLACE = "{}"


class Row(NamedTuple):
    """Tokens of one text, and their kinds: PROMPT, ANSWER, END. Two lists of as many."""

    tokens: list[int]
    kinds: list[int]


def prompts(model: LanguageModel, template: str, texts: Sequence[str], *, answer: int) -> list[Row]:
    """What is asked, a row a text, of at most ``model.block - answer`` tokens, so that ``answer`` tokens have room behind.

    template : str with one "{}"; texts : list of str; answer : int in [1, model.block - 1].

    A text that is too long loses tokens at its end. Raises ValueError for a template without its place, or so long that no
    text has room, and for other values. Source: Feng et al., Appendix C, whose block is 1024; it does not say what is cut.
    Checked by tests/models/language/test_rows.py.
    """
    return [Row(tokens, [PROMPT] * len(tokens)) for _, tokens in _asked(model, template, texts, answer)]


def pairs(
    model: LanguageModel,
    template: str,
    texts: Sequence[str],
    answers: Sequence[str],
    *,
    answer: int,
    all_text: bool = False,
) -> list[Row]:
    """What is asked and what is answered, a row a text, each answer with its end token, and cut to ``answer`` tokens.

    template, texts, answer : as for :func:`prompts`; answers : list of str, as many, none of them blank.
    all_text : bool. Count the prompt's tokens, all but the first, among the answer's: a model then learns the articles too.

    A prompt and its answer are cut into tokens as one text. Raises ValueError as :func:`prompts`, for another number of
    answers, and for one that is blank or has no token. Checked by tests/models/language/test_rows.py.
    """
    asked = _asked(model, template, texts, answer)
    answers = [
        arguments.text(f"answers[{k}]", each, "an answer with a word; leave out the pairs without one", empty=False)
        for k, each in enumerate(checks.listed("answers", answers, "texts"))
    ]
    if len(answers) != len(asked):
        raise ValueError(f"answers has {len(answers)} texts, allowed: {len(asked)}, one for each of texts")
    arguments.flag("all_text", all_text)
    both = _tokens(model, [f"{text} {reply.strip()}" for (text, _), reply in zip(asked, answers, strict=True)])
    end = [] if model.tokenizer.eos_token_id is None else [model.tokenizer.eos_token_id]
    rows = []
    for k, ((_, prompt), whole, reply) in enumerate(zip(asked, both, answers, strict=True)):
        # where the last word of the prompt and the first of the answer share a token, the answer is cut into tokens alone
        said = whole[len(prompt) :] if whole[: len(prompt)] == prompt else reply_tokens(model, reply)
        if not said:
            raise ValueError(
                f"answers[{k}] = {checks.shown(reply)} has no token of this model; allowed: a text that it can say"
            )
        tokens, kinds = (said + end)[:answer], ([ANSWER] * len(said) + [END] * len(end))[:answer]
        before = [PROMPT] + [ANSWER if all_text else PROMPT] * (len(prompt) - 1)
        rows.append(Row(prompt + tokens, before + kinds))
    return rows


def reply_tokens(model: LanguageModel, reply: str) -> list[int]:
    """Tokens of a text as they are behind another one; many tokenizers have others for the first word of a text.

    Checked by tests/models/language/test_rows.py.
    """
    arguments.instance("model", model, LanguageModel, "a lib.models.language.model.LanguageModel")
    reply = arguments.text("reply", reply).strip()
    before, whole = _tokens(model, [":", f": {reply}"])
    if whole[: len(before)] == before:
        return whole[len(before) :]
    return model.tokenizer(reply, add_special_tokens=False, verbose=False).input_ids


def padded(rows: Sequence[Row], pad: int) -> Tensor:
    """Rows as one tensor (B, 2, L) int64, tokens and kinds, as long as the longest, with padding on the left.

    pad : int in [0, 10^9], the padding token; its kind is 0. Raises ValueError for no rows, or what is none. Checked by
    tests/models/language/test_rows.py.
    """
    pad = checks.integer("pad", pad, 0, 10**9)
    rows = checked("rows", rows)
    longest = max(len(row.tokens) for row in rows)
    found = torch.zeros(len(rows), 2, longest, dtype=torch.int64)
    found[:, 0] = pad
    for k, row in enumerate(rows):
        found[k, :, longest - len(row.tokens) :] = torch.tensor([row.tokens, row.kinds])
    return found


def checked(name: str, rows: Sequence[Row], *, answered: bool = False) -> list[Row]:
    """Return ``rows`` as a list, if there is at least one and each is a Row; where ``answered``, with an answer.

    Raises ValueError. Checked by tests/models/language/test_rows.py.
    """
    rows, answered = checks.listed(name, rows, "rows of lib.models.language.rows"), arguments.flag("answered", answered)
    if not rows:
        raise ValueError(f"{name} = [] is empty; allowed: at least one row of lib.models.language.rows")
    for k, row in enumerate(rows):
        if not isinstance(row, Row) or (answered and ANSWER not in row.kinds):
            with_answer = " with an answer" if answered else ""
            raise ValueError(f"{name}[{k}] = {checks.shown(row)}, allowed: a Row{with_answer}, of pairs()")
    return rows


def _asked(model: LanguageModel, template: str, texts: Sequence[str], answer: int) -> list[tuple[str, list[int]]]:
    """Each text in the template, cut where it must be, with its tokens, which leave room for ``answer`` more."""
    arguments.instance("model", model, LanguageModel, "a lib.models.language.model.LanguageModel")
    texts = arguments.texts("texts", texts, "texts to ask about")
    answer = checks.integer("answer", answer, 1, model.block - 1)
    if arguments.text("template", template).count(PLACE) != 1:
        raise ValueError(
            f"template = {checks.shown(template)} has no single place for a text; allowed: with {PLACE} once"
        )
    room = model.block - answer
    whole = [template.replace(PLACE, text) for text in texts]
    found = list(zip(whole, _tokens(model, whole), strict=True))
    return [
        pair if 0 < len(pair[1]) <= room else _cut(model, template, text, len(pair[1]), room)
        for pair, text in zip(found, texts, strict=True)
    ]


def _cut(model: LanguageModel, template: str, text: str, length: int, room: int) -> tuple[str, list[int]]:
    body = model.tokenizer(text, add_special_tokens=False, verbose=False).input_ids
    keep = len(body) - max(1, length - room)
    while keep > 0 and length:
        whole = template.replace(PLACE, model.tokenizer.decode(body[:keep]))
        (tokens,) = _tokens(model, [whole])
        if len(tokens) <= room:
            return whole, tokens
        keep -= len(tokens) - room
    raise ValueError(
        f"template = {checks.shown(template)} with a text has {length} tokens, and {room} have room; allowed: one that leaves "
        "room for at least a token of the text, or a larger block, or fewer tokens for the answer"
    )


def _tokens(model: LanguageModel, texts: list[str]) -> list[list[int]]:
    """Tokens of texts, with those that the tokenizer puts at a start, and none at an end."""
    if not texts:
        return []
    found = model.tokenizer(texts, verbose=False).input_ids
    end = model.tokenizer.eos_token_id
    return [ids[:-1] if ids and ids[-1] == end else ids for ids in found]
