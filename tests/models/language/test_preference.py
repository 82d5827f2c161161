"""IPO: its loss in closed form, its gradient, and that it makes the better answer likelier by as much as it asks for."""

import pytest
import torch
from tiny import TEMPLATE

from lib.models.language.answers import log_likelihoods
from lib.models.language.folder import Folder
from lib.models.language.model import load, with_lora
from lib.models.language.preference import Preferring, ipo_loss, prefer
from lib.models.language.rows import padded, pairs
from lib.models.language.tuning import plan


def test_ipo_loss():
    """Worked by hand: beta = 0.1 asks for a gain of 5."""
    margins, reference = torch.tensor([1.0, 6.0, -2.0]), torch.tensor([1.0, 1.0, 1.0])
    torch.testing.assert_close(ipo_loss(margins, reference, 0.1), torch.tensor([25.0, 0.0, 64.0]))


def test_ipo_s_gradient():
    margins = torch.tensor([0.3, -1.2], dtype=torch.float64, requires_grad=True)
    ipo_loss(margins, torch.tensor([0.1, 0.2], dtype=torch.float64), 0.25).sum().backward()
    torch.testing.assert_close(
        margins.grad, torch.tensor([2 * (0.3 - 0.1 - 2.0), 2 * (-1.2 - 0.2 - 2.0)], dtype=torch.float64)
    )


@pytest.mark.parametrize("beta", [0.0, -1.0, float("nan")])
def test_bad_beta(beta):
    with pytest.raises(ValueError, match=r"^beta = "):
        ipo_loss(torch.zeros(2), torch.zeros(2), beta)


def sides(model):
    """Better and worse answers to the same prompts."""
    texts = [f"bridge {word}" for word in ("old", "busy", "new", "of", "in", "the", "a", "was")]
    return [pairs(model, TEMPLATE, texts, [said] * 8, answer=8) for said in ("The bridge is closed.", "no, no, no.")]


def test_margins(model):
    """The mean log-likelihood of the better answer less that of the worse one, as they are scored alone."""
    better, worse = sides(model)
    rows = padded([each for pair in zip(better, worse, strict=True) for each in pair], 0)
    likely = [torch.tensor(log_likelihoods(model, side)) for side in (better, worse)]
    with torch.no_grad():
        found = Preferring(model)(rows.view(8, 2, *rows.shape[1:]))
    torch.testing.assert_close(found, likely[0] - likely[1], rtol=0, atol=1e-5)


def test_preferring(folder):
    """The gain goes where the loss has its zero, 1 / (2 beta) = 2 nats a token; the base stays as it was."""
    model = with_lora(load(Folder(folder), block=64), rank=4, dropout=0.0, seed=0)
    better, worse = sides(model)

    def gap():
        one, other = (torch.tensor(log_likelihoods(model, side)) for side in (better, worse))
        return (one - other).mean().item()

    before, weights = gap(), model.network.get_base_model().lm_head.weight.clone()
    settings = {"learning_rate": 1e-2, "schedule": "cosine", "batch": 4, "epochs": 30}
    result = prefer(model, better, worse, beta=0.25, config=plan(settings, 8, seed=0))
    assert result.history[0]["train"] > 1 > 0.1 > result.history[-1]["train"]
    assert gap() - before == pytest.approx(2.0, abs=0.3)  # a loss of 0.1 is a gap of 0.3. decided: before
    assert torch.equal(model.network.get_base_model().lm_head.weight, weights)


def test_who_is_told(folder, capfd):
    """The rows of the reference, better and worse ones, then each step; or bars of these, and nobody."""
    settings, told = {"learning_rate": 1e-3, "schedule": "cosine", "batch": 4}, []

    def preferred(progress):
        model = with_lora(load(Folder(folder), block=64), rank=2, dropout=0.0, seed=0)
        prefer(model, *sides(model), beta=0.25, config=plan(settings, 8, seed=0), progress=progress)
        return capfd.readouterr().err

    assert preferred(lambda *given: told.append(given)) == ""
    rows = [(0, 8, "rows"), (8, 8, "rows")]
    assert told == [*rows, *rows, (0, 2, "steps"), (1, 2, "steps")]
    shown = preferred(True)
    assert shown.count("8/8 [") >= 3  # rows of both sides, examples of the training
    assert "rows/s" in shown
    assert "examples/s" in shown
    assert preferred(False) == ""


def test_as_many_of_both(model):
    better, worse = sides(model)
    with pytest.raises(ValueError, match=r"^worse has 7 rows, allowed: 8, one for each of better"):
        prefer(
            model,
            better,
            worse[:7],
            beta=0.1,
            config=plan({"learning_rate": 1e-3, "schedule": "cosine", "batch": 4}, 8, seed=0),
        )
