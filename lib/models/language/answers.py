"""What a language model answers, how likely answers are to it, and which of two words it would say next."""

import math
from collections.abc import Sequence
from pathlib import Path

import torch

from lib import arguments
from lib.models.language.batches import Progress, in_batches
from lib.models.language.model import ANSWER, NOTHING, LanguageModel
from lib.models.language.rows import Row, checked, padded, reply_tokens
from lib.theory import checks

MOST = 10**5


def greedy(
    model: LanguageModel,
    rows: Sequence[Row],
    *,
    answer: int,
    batch: int = 8,
    checkpoint: Path | None = None,
    progress: Progress = False,
) -> list[str]:
    """The model's greedy answers to rows of :func:`lib.models.language.rows.prompts`, as texts without blanks around.

    answer : int in [1, 10^5], tokens at most; batch : int in [1, 10^6], rows at once; checkpoint : path, where what is done is
    kept; progress : a bar, or who is told, both as for :func:`lib.models.language.batches.in_batches`. An answer may be empty: a
    model may end at once.

    Raises ValueError for no rows and other values. Source: Feng et al., Appendix C: greedy throughout. Checked by
    tests/models/language/test_language_answers.py: batched or one by one, the same answers.
    """
    arguments.instance("model", model, LanguageModel, "a lib.models.language.model.LanguageModel")
    answer = checks.integer("answer", answer, 1, MOST)
    longest = max(len(row.tokens) for row in checked("rows", rows))
    if longest + answer > model.block:
        raise ValueError(
            f"answer = {answer} behind {longest} tokens is outside the block of {model.block}; allowed: shorter ones"
        )

    def compute(some: list[Row]) -> list[str]:
        asked = padded(some, model.tokenizer.pad_token_id).to(model.device)
        with torch.no_grad(), _autocast(model):
            found = model.network.generate(
                input_ids=asked[:, 0], attention_mask=(asked[:, 1] != NOTHING).long(), max_new_tokens=answer
            )
        texts = model.tokenizer.batch_decode(found[:, asked.shape[2] :], skip_special_tokens=True)
        return [text.strip() for text in texts]

    what = f"greedy answers of {answer} tokens"
    return in_batches(compute, model, rows, batch=batch, what=what, checkpoint=checkpoint, progress=progress)


def log_likelihoods(
    model: LanguageModel,
    rows: Sequence[Row],
    *,
    batch: int = 8,
    checkpoint: Path | None = None,
    progress: Progress = False,
) -> list[float]:
    """Mean log-likelihood in nats a token of the answers in rows of :func:`lib.models.language.rows.pairs`, at most 0.

    The end token is not counted: the paper scores the text. batch, checkpoint, progress : as for :func:`greedy`. Raises
    ValueError for no rows, a row without an answer, and other values. Source: Feng et al., Appendix C. Checked by
    tests/models/language/test_language_answers.py, by hand with torch.
    """
    arguments.instance("model", model, LanguageModel, "a lib.models.language.model.LanguageModel")
    rows = checked("rows", rows, answered=True)

    def compute(some: list[Row]) -> list[float]:
        asked = padded(some, model.tokenizer.pad_token_id).to(model.device)
        with torch.no_grad(), _autocast(model):
            losses = model(asked).double()
        counted = asked[:, 1, 1:] == ANSWER
        return (-(losses * counted).sum(1) / counted.sum(1)).tolist()

    given = {"batch": batch, "checkpoint": checkpoint, "progress": progress}
    return in_batches(compute, model, rows, what="likelihood of answers", **given)


def perplexities(log_likelihoods: Sequence[float]) -> list[float]:
    """Perplexities, at least 1, of answers from their mean log-likelihoods in [-700, 0] nats a token: ``exp(-mean)``.

    Raises ValueError for other numbers. Source: Feng et al., Section 5.3: selection keeps the lowest. Checked by
    tests/models/language/test_language_answers.py.
    """
    values = checks.listed("log_likelihoods", log_likelihoods, "numbers in [-700, 0]")
    return [math.exp(-checks.real(f"log_likelihoods[{k}]", x, -700.0, 0.0)) for k, x in enumerate(values)]


def log_odds(
    model: LanguageModel,
    rows: Sequence[Row],
    words: Sequence[str],
    *,
    batch: int = 8,
    checkpoint: Path | None = None,
    progress: Progress = False,
) -> list[float]:
    """By how many nats the first of two words is likelier than the second to come next, behind prompts.

    rows : of :func:`lib.models.language.rows.prompts`; words : two, such as ["yes", "no"], whose first tokens must differ;
    batch, checkpoint, progress : as for :func:`greedy`. Above 0 the model says the first. Raises ValueError for no rows, and
    other words. Source: the book's own reading of El Firdoussi et al., Figure 9, which does not say how a language model
    classifies. Checked by tests/models/language/test_language_answers.py.
    """
    arguments.instance("model", model, LanguageModel, "a lib.models.language.model.LanguageModel")
    words = arguments.texts("words", words, "two words")
    first = [reply_tokens(model, word)[:1] for word in words]
    if len(words) != 2 or not all(first) or first[0] == first[1]:
        raise ValueError(f"words = {checks.shown(words)} do not differ in their first token; allowed: two that do")
    (one,), (other,) = first

    def compute(some: list[Row]) -> list[float]:
        asked = padded(some, model.tokenizer.pad_token_id).to(model.device)
        with torch.no_grad(), _autocast(model):
            logits = model.logits(asked[:, 0], asked[:, 1] != NOTHING, keep=1)[:, 0].double()
        return (logits[:, one] - logits[:, other]).tolist()

    what = f"log odds of {words[0]} and {words[1]}"
    return in_batches(compute, model, rows, batch=batch, what=what, checkpoint=checkpoint, progress=progress)


def _autocast(model: LanguageModel) -> torch.autocast:
    """bfloat16 on a GPU, as where the model was trained; full precision, or that of the weights, on a processor."""
    return torch.autocast(model.device.type, dtype=torch.bfloat16, enabled=model.device.type == "cuda")
