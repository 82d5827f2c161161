"""lib.models.sequences.decoding against the probabilities of all answers of a small vocabulary, and without a cache."""

import itertools

import pytest
import torch
from torch.testing import assert_close

from lib import seeds
from lib.models.sequences import decoding
from lib.models.sequences.transformer import Size, Transformer

SIZE = Size(vocabulary=5, source=4, target=4, width=8, heads=2, encoder_layers=1, decoder_layers=2)
MARK = 0


@pytest.fixture(scope="module")
def model():
    made = Transformer(SIZE, seed=0).double().eval()
    with torch.no_grad():  # sharper than initial weights are
        made.target.weight *= 1.5
        made.bias += torch.tensor([0.5, 0.0, 0.3, -0.2, 0.1])
    return made


@pytest.fixture(scope="module")
def questions():
    return torch.randint(5, (3, 4), generator=seeds.generator(0, "test", "decoding"))


def every_answer():
    """All answers in the form that decoding returns: nothing but marks after the first."""
    for tokens in itertools.product(range(5), repeat=4):
        end = tokens.index(MARK) if MARK in tokens else 4
        if not any(tokens[end:]):
            yield tokens


def log_probabilities(model, question, answers):
    """Of whole answers (A, 4) to one question (4,), by one pass without a cache."""
    begun = torch.cat([torch.full((len(answers), 1), MARK), answers[:, :-1]], dim=1)
    logits = model(torch.cat([question.expand(len(answers), -1), begun], dim=1)).log_softmax(-1)
    each = logits.gather(-1, answers[..., None])[..., 0]
    ended = ((answers == MARK).cumsum(1) - (answers == MARK).long()) > 0  # a mark stands before this place
    return each.masked_fill(ended, 0.0).sum(1)


@torch.no_grad()
def plain_beam(model, question, width):
    """A beam as one would write it first: one question, one answer after the other, all tokens again each time."""
    beams = [((), 0.0)]
    for place in range(4):
        grown = []
        for tokens, score in beams:
            if MARK in tokens:
                grown.append(((*tokens, MARK), score))
                continue
            whole = torch.tensor([*question.tolist(), MARK, *tokens, *[MARK] * (3 - place)])[None]
            more = model(whole)[0, place].log_softmax(-1)
            grown += [((*tokens, token), score + more[token].item()) for token in range(5)]
        beams = sorted(grown, key=lambda pair: -pair[1])[:width]
    return beams


def test_a_beam_as_wide_as_all_answers_finds_them_all(model, questions):
    answers = torch.tensor(list(every_answer()))
    tokens, scores = decoding.beam(model, questions, len(answers), mark=MARK)
    for question, found, score in zip(questions, tokens, scores, strict=True):
        expected, order = log_probabilities(model, question, answers).sort(descending=True)
        assert_close(score.double(), expected, rtol=0, atol=1e-5)
        assert sorted(map(tuple, found.tolist())) == sorted(map(tuple, answers.tolist()))
        assert tuple(found[0].tolist()) == tuple(answers[order[0]].tolist())
        assert expected.exp().sum().item() == pytest.approx(1.0)


@pytest.mark.parametrize("width", [1, 2, 7, 20])
def test_a_narrower_beam_against_a_plain_one(model, questions, width):
    tokens, scores = decoding.beam(model, questions, width, mark=MARK)
    for question, found, score in zip(questions, tokens, scores, strict=True):
        expected = plain_beam(model, question, width)
        assert [tuple(row) for row in found.tolist()] == [answer for answer, _ in expected]
        assert score.tolist() == pytest.approx([value for _, value in expected], abs=1e-5)


def test_places_that_stay_empty_have_no_probability(model, questions):
    """With more places than answers."""
    count = len(list(every_answer()))
    _, scores = decoding.beam(model, questions, count + 3, mark=MARK)
    assert scores[:, :count].isfinite().all()
    assert (scores[:, count:] == -torch.inf).all()


def test_a_batch_changes_nothing(model, questions):
    tokens, scores = decoding.beam(model, questions, 6, mark=MARK)
    for k in range(3):
        one, score = decoding.beam(model, questions[k : k + 1], 6, mark=MARK)
        assert torch.equal(one[0], tokens[k])
        assert_close(score[0], scores[k])


def test_samples_have_the_models_own_frequencies(model, questions):
    """Chi-square of all answers with an expected count of at least five, against its 99.9 % quantile, by the normal limit."""
    draws = 20_000
    tokens, scores = decoding.sample(
        model, questions[:1], draws, mark=MARK, generator=seeds.generator(3, "test", "samples")
    )
    answers = torch.tensor(list(every_answer()))
    chances = log_probabilities(model, questions[0], answers).exp()
    places = {tuple(answer): k for k, answer in enumerate(answers.tolist())}
    counts = torch.zeros(len(answers), dtype=torch.float64)
    for row, score in zip(tokens[0].tolist(), scores[0].tolist(), strict=True):
        counts[places[tuple(row)]] += 1
        assert score == pytest.approx(chances[places[tuple(row)]].log().item(), abs=1e-4)
    common = chances * draws >= 5
    assert common.sum() > 50
    freedom = int(common.sum())
    chi = ((counts - chances * draws).square() / (chances * draws))[common].sum().item()
    assert abs(chi - freedom) < 3.3 * (2 * freedom) ** 0.5


def test_samples_come_from_the_generator(model, questions):
    one, two, other = (
        decoding.sample(model, questions, 8, mark=MARK, generator=seeds.generator(seed, "test", "again"))[0]
        for seed in (1, 1, 2)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("answers", [0, 1001, 2.5, float("nan")])
def test_bad_widths(model, questions, answers):
    with pytest.raises(ValueError, match="answers = "):
        decoding.beam(model, questions, answers, mark=MARK)
