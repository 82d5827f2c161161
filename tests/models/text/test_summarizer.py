"""The summarizer: what it learns, its probabilities, and that padding changes nothing."""

import math

import pytest
import torch

from lib.models.text import summarizer
from lib.models.text.summarizer import Summarizer
from lib.training import Config

CONFIG = Config(epochs=20, batch=16, learning_rate=0.02, seed=3)


def articles(count=200, places=6, columns=5):
    """Articles of 2 to ``places`` sentences; the right one has the largest third feature."""
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(count, places, columns, generator=generator)
    lengths = torch.randint(2, places + 1, (count, 1), generator=generator)
    there = torch.arange(places) < lengths
    features[..., 0] = 1
    features[~there] = 0
    right = features[..., 2].masked_fill(~there, -torch.inf).argmax(1)
    return features, right, there


def trained(hidden=8, seed=0, config=CONFIG):
    features, right, _ = articles()
    return summarizer.learn(Summarizer(5, hidden, seed=seed), features[:150], right[:150], config=config)


@pytest.mark.parametrize("hidden", [0, 8])
def test_it_learns(hidden):
    features, right, _ = articles()
    chosen = summarizer.greedy(summarizer.log_probabilities(trained(hidden), features[150:]))
    assert (chosen == right[150:]).float().mean() > 0.9


def test_probabilities():
    features, _, there = articles()
    found = summarizer.log_probabilities(trained(), features)
    torch.testing.assert_close(found.exp().sum(1), torch.ones(200))
    assert torch.equal(found.isinf(), ~there)


def test_padding_changes_nothing():
    features, _, there = articles()
    model, row = trained(), int((there.sum(1) == 3).nonzero()[0])
    long, short = (summarizer.log_probabilities(model, features[row : row + 1, :places]) for places in (6, 3))
    torch.testing.assert_close(long[:, :3], short)


def test_a_training_is_decided_by_its_seeds():
    one, same, other, order = (
        trained(),
        trained(),
        trained(seed=1),
        trained(config=Config(**{**vars(CONFIG), "seed": 4})),
    )
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), same.parameters(), strict=True))
    for each in (other, order):
        assert not torch.equal(next(one.parameters()), next(each.parameters()))


def test_an_untrained_one_starts_from_its_seed_alone():
    torch.manual_seed(1)
    one = Summarizer(5, 3, seed=7)
    torch.manual_seed(2)
    assert torch.equal(next(one.parameters()), next(Summarizer(5, 3, seed=7).parameters()))


def test_perplexity():
    chances = torch.tensor([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]]).log()
    assert summarizer.perplexity(chances, torch.tensor([1, 0])).tolist() == pytest.approx([4, 1])
    assert summarizer.perplexity(chances, torch.tensor([0, 2])).tolist() == [pytest.approx(2), math.inf]
    assert summarizer.greedy(chances).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda features, right: (features[:, :, :4], right),
            r"features has shape \(200, 6, 4\) .* allowed: \(N, S, 5\)",
        ),
        (lambda features, right: (features.double(), right), r"type torch.float64, allowed: .* float32"),
        (lambda features, right: (features * 0, right), r"features holds an article without a sentence"),
        (lambda features, right: (features, right[:9]), r"chosen has 9 places of type torch.int64, allowed: 200"),
        (lambda features, right: (features, right + 6), r"in \[0, 5\]"),
        (lambda features, right: (features, right * 0 + 5), r"chosen holds a place without a sentence"),
    ],
)
def test_what_does_not_fit(change, words):
    features, right, _ = articles()
    features, right = change(features, right)
    with pytest.raises(ValueError, match=words):
        summarizer.learn(Summarizer(5, 0, seed=0), features, right, config=CONFIG)
