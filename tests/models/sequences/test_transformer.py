"""lib.models.sequences.transformer against torch.nn's layers with the same weights, and its cache against itself without."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from lib import seeds
from lib.models.sequences.encoding import P1000
from lib.models.sequences.transformer import Size, Transformer

SMALL = Size(vocabulary=11, source=7, target=5, width=16, heads=4, encoder_layers=2, decoder_layers=2, hidden=24)


def model(size=SMALL, seed=0):
    return Transformer(size, seed=seed).double().eval()


def tokens(count, length, vocabulary=SMALL.vocabulary, name="tokens"):
    return torch.randint(vocabulary, (count, length), generator=seeds.generator(0, "test", "transformer", name))


def copy_attention(theirs, ours):
    parts = (ours.query, ours.key, ours.value)
    theirs.in_proj_weight.data = torch.cat([part.weight.data for part in parts])
    theirs.in_proj_bias.data = torch.cat([part.bias.data for part in parts])
    theirs.out_proj.load_state_dict(ours.out.state_dict())


def torchs(ours):
    """torch's own encoder and decoder with the weights of ours."""
    options = {"dropout": 0.0, "activation": "relu", "batch_first": True, "norm_first": False}
    shape = (ours.size.width, ours.size.heads, ours.size.hidden)
    encoder = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(*shape, **options), ours.size.encoder_layers, enable_nested_tensor=False
    )
    decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(*shape, **options), ours.size.decoder_layers)
    for theirs, mine in [
        *zip(encoder.layers, ours.encoder, strict=True),
        *zip(decoder.layers, ours.decoder, strict=True),
    ]:
        copy_attention(theirs.self_attn, mine.attention)
        norms = [theirs.norm1, theirs.norm2]
        if mine.cross is not None:
            copy_attention(theirs.multihead_attn, mine.cross)
            norms.append(theirs.norm3)
        theirs.linear1.load_state_dict(mine.wide.state_dict())
        theirs.linear2.load_state_dict(mine.narrow.state_dict())
        for their_norm, norm in zip(norms, mine.norms, strict=True):
            their_norm.load_state_dict(norm.state_dict())
    return encoder.double().eval(), decoder.double().eval()


def test_against_torch():
    ours = model()
    encoder, decoder = torchs(ours)
    batch = tokens(6, 12)
    question, answer = batch[:, :7], batch[:, 7:]
    memory = encoder(ours.norms[0](ours.source(question) + ours.source_places.weight))
    mask = nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64)
    x = decoder(
        ours.norms[1](ours.target(answer) + ours.target_places.weight), memory, tgt_mask=mask, tgt_is_causal=True
    )
    assert_close(ours(batch), x @ ours.target.weight.T + ours.bias, rtol=0, atol=1e-12)


def test_no_token_sees_a_later_one():
    ours, batch = model(), tokens(4, 12)
    changed = batch.clone()
    changed[:, 9] = (changed[:, 9] + 1) % 11
    before, after = ours(batch), ours(changed)
    assert torch.equal(before[:, :2], after[:, :2])
    assert (before[:, 2:] != after[:, 2:]).any(-1).all()


@pytest.mark.parametrize("answers", [1, 3])
def test_the_cache_changes_nothing(answers):
    """Token by token the same logits as without, for several answers to one question."""
    ours = model()
    question = tokens(4, 7)
    answer = tokens(4 * answers, 5, name="answers").reshape(4, answers, 5)
    cache = ours.begin(question, answers)
    whole = torch.cat([question[:, None].expand(-1, answers, -1), answer], dim=-1).flatten(0, 1)
    expected = ours(whole).reshape(4, answers, 5, -1)
    for place in range(5):
        assert_close(ours.step(answer[..., place], place, cache), expected[:, :, place], rtol=0, atol=1e-12)


def test_reordered_answers_go_on_as_what_they_were():
    ours, question, answer = model(), tokens(2, 7), tokens(6, 5).reshape(2, 3, 5)
    cache = ours.begin(question, 3)
    for place in range(3):
        ours.step(answer[..., place], place, cache)
    beams = torch.tensor([[2, 2, 0], [1, 0, 2]])
    found = ours.step(answer[..., 3], 3, cache.reorder(beams))
    swapped = answer.gather(1, beams[..., None].expand_as(answer)).clone()
    swapped[..., 3] = answer[..., 3]
    whole = torch.cat([question[:, None].expand(-1, 3, -1), swapped], dim=-1).flatten(0, 1)
    assert_close(found, ours(whole).reshape(2, 3, 5, -1)[:, :, 3], rtol=0, atol=1e-12)


def test_the_papers_size():
    """22.37 M parameters with the public code's 1328 words and two tables of 4096 positions; ours need fewer of both."""
    size = Size(vocabulary=P1000.vocabulary, source=79, target=18)
    count = sum(weights.numel() for weights in Transformer(size, seed=0).parameters())
    positions = 2 * 4096 - size.source - size.target
    words = 1328 - size.vocabulary
    assert count + positions * 512 + 2 * words * 512 + words == pytest.approx(22.37e6, rel=1e-3)


def test_initial_weights_come_from_the_seed():
    assert torch.equal(model(seed=1).source.weight, model(seed=1).source.weight)
    assert not torch.equal(model(seed=1).source.weight, model(seed=2).source.weight)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"width": 18}, "width = 18 is outside the multiples of heads = 4"),
        ({"width": 0}, r"width = 0 is outside \[1, 100000\]"),
        ({"vocabulary": 1}, r"vocabulary = 1 is outside \[2, 1000000\]"),
        ({"heads": 2.5}, "heads = 2.5 is not a whole number"),
        ({"hidden": -1}, "hidden = -1 is outside"),
    ],
)
def test_bad_sizes(changes, words):
    fields = {"vocabulary": 11, "source": 7, "target": 5, "width": 16, "heads": 4} | changes
    with pytest.raises(ValueError, match=words):
        Size(**fields)


def test_bad_lengths():
    with pytest.raises(ValueError, match=r"tokens have shape \(2, 11\); allowed: \(B, 7 \+ 5\)"):
        model()(tokens(2, 11))
