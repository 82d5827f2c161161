"""Answers of a transformer: the likeliest token each time, drawn tokens, or the best of a beam.

All answers to a batch of questions are decoded at once, with a key-value cache. An answer begins and ends with the same mark;
after it has ended nothing is added and its score stays.
"""

import torch
from torch import Generator, Tensor

from lib import tensors
from lib.models.sequences.transformer import Cache, Transformer
from lib.theory import checks

LARGEST_BEAM = 1000
LARGEST_SAMPLE = 10**6


@torch.no_grad()
def beam(model: Transformer, questions: Tensor, answers: int, *, mark: int) -> tuple[Tensor, Tensor]:
    """The ``answers`` best of a beam of this width: tokens (B, k, target), best first, and their log probabilities (B, k).

    Parameters
    ----------
    model : Transformer
        In evaluation mode it stays what it was.
    questions : (B, source)
    answers : int in [1, 1000]
        k, answers kept at each step; 1 is greedy decoding. Fewer than k are there in the first steps of a small vocabulary:
        places that stay empty have the score minus infinity.
    mark : int
        The token that begins and ends an answer. Tokens after the end are the mark again.

    Notes
    -----
    Scores are sums of log probabilities, without a reward for length: valid answers have one length. A score is -inf where a
    place stays empty. Raises ValueError for questions of another length or with other tokens than the model has. Checked by
    tests/models/sequences/test_decoding.py, against all answers of a small vocabulary and against decoding without a cache.
    """
    answers = checks.integer("answers", answers, 1, LARGEST_BEAM)
    mark = _checked_mark(model, questions, mark)
    count, device = len(questions), questions.device
    cache = model.begin(questions, answers)
    tokens = torch.full((count, answers, model.size.target + 1), mark, device=device)
    scores = torch.full((count, answers), -torch.inf, device=device)
    scores[:, 0] = 0  # one answer, the empty one
    ended = torch.zeros(count, answers, dtype=torch.bool, device=device)
    for place in range(model.size.target):
        more = _next(model, tokens[..., place], place, cache, ended, mark) + scores[..., None]  # (B, k, vocabulary)
        scores, best = more.flatten(1).topk(answers)  # (B, k)
        beams, token = best // model.size.vocabulary, best % model.size.vocabulary
        tokens = tokens.gather(1, beams[..., None].expand_as(tokens))
        tokens[..., place + 1] = token
        ended = ended.gather(1, beams) | (token == mark)
        if answers > 1:
            cache = cache.reorder(beams)
    return tokens[..., 1:], scores


@torch.no_grad()
def sample(
    model: Transformer, questions: Tensor, answers: int, *, mark: int, generator: Generator
) -> tuple[Tensor, Tensor]:
    """``answers`` answers to each question (B, source), drawn token by token from the model's own distribution.

    Returns tokens (B, k, target) and log probabilities (B, k), in the order of drawing; k in [1, 10^6]; ``mark`` and errors as
    for :func:`beam`. Checked by tests/models/sequences/test_decoding.py, against the probabilities of all answers of a small
    vocabulary.
    """
    answers = checks.integer("answers", answers, 1, LARGEST_SAMPLE)
    mark = _checked_mark(model, questions, mark)
    tensors.generator("generator", generator)
    cache = model.begin(questions, answers)
    shape = (len(questions), answers)
    tokens = torch.full((*shape, model.size.target + 1), mark, device=questions.device)
    scores = torch.zeros(shape, device=questions.device)
    ended = torch.zeros(shape, dtype=torch.bool, device=questions.device)
    for place in range(model.size.target):
        more = _next(model, tokens[..., place], place, cache, ended, mark)
        token = torch.multinomial(more.exp().flatten(0, 1), 1, generator=generator).reshape(shape)
        scores = scores + more.gather(-1, token[..., None])[..., 0]
        tokens[..., place + 1] = token
        ended |= token == mark
    return tokens[..., 1:], scores


def _checked_mark(model: Transformer, questions: Tensor, mark: int) -> int:
    size = tensors.instance("model", model, Transformer).size
    wanted = f"(B, {size.source}), tokens in [0, {size.vocabulary - 1}]"
    tensors.whole("questions", questions, wanted, dims=(2,))
    if not len(questions) or questions.shape[1] != size.source:
        raise ValueError(f"questions have shape {tuple(questions.shape)}, allowed: {wanted}, B at least 1")
    if questions.min() < 0 or questions.max() >= size.vocabulary:
        raise ValueError(f"questions hold {questions.min()} to {questions.max()}, allowed: {wanted}")
    return checks.integer("mark", mark, 0, size.vocabulary - 1)


def _next(model: Transformer, last: Tensor, place: int, cache: Cache, ended: Tensor, mark: int) -> Tensor:
    """Log probabilities (B, k, vocabulary) of the next token; after its end an answer goes on with the mark, for certain."""
    more = model.step(last, place, cache).float().log_softmax(-1)
    certain = torch.full_like(more[0, 0], -torch.inf)
    certain[mark] = 0
    return torch.where(ended[..., None], certain, more)
