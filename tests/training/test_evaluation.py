"""Outputs and mean losses by batches."""

import pytest
import torch
from torch import nn
from torch.nn import functional
from training_cases import images, network, to_unit

from lib.training import predict
from lib.training.evaluation import mean_loss, share


def test_predict():
    """Evaluation mode, in batches, without gradients; the mode of the model comes back."""
    model = network().double()
    x = images(2500)[0]
    assert model.training
    outputs = predict(model, x, prepare=lambda batch: batch.double() / 255)
    assert model.training
    assert (outputs.shape, outputs.requires_grad) == ((2500, 2), False)
    model.eval()
    torch.testing.assert_close(outputs, model(x.double() / 255).detach())  # dropout off, running means used


@pytest.mark.parametrize("batch", [1, 7, 40, 100])
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_mean_loss(batch, reduction):
    """The loss of all at once, in batches that do and do not divide it."""
    model, (x, y) = network().double(), images(40)
    x = to_unit(x).double()
    value = mean_loss(model, nn.CrossEntropyLoss(reduction=reduction), (x, y), batch=batch)
    expected = functional.cross_entropy(model.eval()(x), y).item()
    assert value == pytest.approx(expected, rel=1e-12)


PADDING = 9


def each(outputs, targets):
    return functional.cross_entropy(outputs, targets, reduction="none", ignore_index=PADDING)


def known(targets):
    return targets != PADDING


def test_mean_loss_with_padding():
    """The mean over the tokens that are no padding, though the batches have different numbers of them."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(30, 4, dtype=torch.float64, generator=generator)
    lengths = torch.randint(1, 6, (30, 1), generator=generator)
    y = torch.where(torch.arange(5) < lengths, torch.randint(0, 3, (30, 5), generator=generator), PADDING)
    model = nn.Sequential(nn.Linear(4, 15), nn.Unflatten(1, (3, 5))).double()  # logits (N, classes, tokens)
    value = mean_loss(model, each, (x, y), weights=known, batch=8)
    assert value == pytest.approx(functional.cross_entropy(model(x), y, ignore_index=PADDING).item(), rel=1e-12)
    unequal = mean_loss(model, lambda *pair: each(*pair).sum(1) / known(pair[1]).sum(1), (x, y), batch=8)
    assert abs(value - unequal) > 1e-3  # the mean of means is another number


def test_losses_of_another_shape():
    y = torch.zeros(4, 5, dtype=torch.long)
    with pytest.raises(ValueError, match=r"losses have shape \(\); allowed: that of the weights, \(4, 5\)"):
        share(functional.cross_entropy, known, torch.zeros(4, 3, 5), y, 20)
