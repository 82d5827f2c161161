"""Answers, their likelihood and the odds of two words: by hand with torch, and the same whatever shares a batch."""

import math

import pytest
import torch
from tiny import TEMPLATE

from lib.models.language.answers import greedy, log_likelihoods, log_odds, perplexities
from lib.models.language.model import ANSWER
from lib.models.language.rows import Row, pairs

ROUNDING = 1e-5  # nats; float32 sums of 32 numbers, in another order where there is padding. decided: before


def by_hand(model, row, answer):
    """Greedy tokens, one whole pass of the network for each."""
    tokens = list(row.tokens)
    for _ in range(answer):
        following = int(model.network(input_ids=torch.tensor([tokens])).logits[0, -1].argmax())
        if following == model.tokenizer.eos_token_id:
            break
        tokens.append(following)
    return model.tokenizer.decode(tokens[len(row.tokens) :], skip_special_tokens=True).strip()


def test_greedy_answers(model, asked):
    found = greedy(model, asked, answer=8)
    assert found == [by_hand(model, row, 8) for row in asked]
    assert len({*found}) > 1


@pytest.mark.parametrize("batch", [1, 2, 9])
def test_what_shares_a_batch_changes_no_answer(model, asked, batch):
    assert greedy(model, asked, answer=8, batch=batch) == greedy(model, asked, answer=8, batch=4)
    assert greedy(model, asked[::-1], answer=8, batch=batch) == greedy(model, asked, answer=8)[::-1]


def test_an_end_token_ends(model, asked):
    """With a word of the answers as end token, each stops before it."""
    whole = greedy(model, asked, answer=8)
    word = whole[0].split()[3]
    model.network.generation_config.eos_token_id = model.tokenizer.convert_tokens_to_ids(word)
    cut = greedy(model, asked, answer=8)
    kept = [text.split(f" {word}")[0] if text.split()[0] != word else "" for text in whole]
    # the tokenizer skips its own special tokens only; the word itself is the last of an answer
    assert [text.removesuffix(word).strip() for text in cut] == kept


def likelihood_by_hand(model, row):
    with torch.no_grad():
        logits = model.network(input_ids=torch.tensor([row.tokens])).logits[0].double()
    chances = logits.log_softmax(1)
    said = [chances[k - 1, row.tokens[k]].item() for k in range(len(row.tokens)) if row.kinds[k] == ANSWER]
    return math.fsum(said) / len(said)


@pytest.mark.parametrize("batch", [1, 7, 20])
def test_likelihoods(model, taught, batch):
    found = log_likelihoods(model, taught, batch=batch)
    assert found == pytest.approx([likelihood_by_hand(model, row) for row in taught], rel=0, abs=ROUNDING)


def test_perplexities(model, taught):
    likely = log_likelihoods(model, taught)
    assert perplexities(likely) == [math.exp(-x) for x in likely]
    assert perplexities([0.0, -math.log(8)]) == pytest.approx([1.0, 8.0])
    for bad in (0.5, -701.0, math.nan):
        with pytest.raises(ValueError, match=r"^log_likelihoods\[0\] = .* is outside \[-700"):
            perplexities([bad])


def test_a_model_that_knows_nothing_has_the_perplexity_of_its_vocabulary(model, taught):
    """All logits equal: each token has one chance in as many as there are."""
    with torch.no_grad():
        model.network.lm_head.weight.zero_()
    words = model.network.config.vocab_size
    assert perplexities(log_likelihoods(model, taught)) == pytest.approx([words] * 20, rel=1e-6)  # of float32


def test_log_odds(model, asked):
    found = log_odds(model, asked, ["yes", "no"], batch=4)
    yes, no = (model.tokenizer.convert_tokens_to_ids(word) for word in ("yes", "no"))
    for row, odds in zip(asked, found, strict=True):
        with torch.no_grad():
            logits = model.network(input_ids=torch.tensor([row.tokens])).logits[0, -1].double()
        assert odds == pytest.approx((logits[yes] - logits[no]).item(), rel=0, abs=ROUNDING)
    assert log_odds(model, asked, ["no", "yes"], batch=4) == [-x for x in found]


@pytest.mark.parametrize("words", [["yes"], ["yes", "yes"], ["yes it is", "yes indeed"], ["yes", " "]])
def test_words_that_do_not_differ(model, asked, words):
    with pytest.raises(ValueError, match=r"^words = .* do not differ in their first token; allowed: two that do"):
        log_odds(model, asked, words)


def test_no_room_for_an_answer(model, asked):
    with pytest.raises(
        ValueError, match=r"^answer = 100 behind \d+ tokens is outside the block of 128; allowed: shorter"
    ):
        greedy(model, asked, answer=100)


def test_training_is_not_disturbed(model, asked, taught):
    model.train()
    greedy(model, asked[:1], answer=2), log_likelihoods(model, taught[:1])
    assert model.training


def test_the_end_token_is_not_scored(model):
    (row,) = pairs(model, TEMPLATE, ["The bridge."], ["The bridge is closed."], answer=24)
    without = Row(row.tokens[:-1], row.kinds[:-1])
    assert log_likelihoods(model, [row]) == pytest.approx(log_likelihoods(model, [without]), rel=0, abs=ROUNDING)
