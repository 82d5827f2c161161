"""Tuning on preferences: of two answers to one prompt, the better one is to become likelier, by IPO."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from lib import arguments, tensors
from lib.models.language.answers import log_likelihoods
from lib.models.language.batches import Progress
from lib.models.language.model import ANSWER, LanguageModel
from lib.models.language.rows import Row, checked, padded
from lib.models.language.tuning import MINUTES, shuffled, watched
from lib.training import Config, Result, one_device, train
from lib.training.streams import Batch

if TYPE_CHECKING:
    from lightning_fabric import Fabric  # slow to import, so only where one is made


def ipo_loss(margins: Tensor, reference: Tensor, beta: float) -> Tensor:
    """Losses (B,) of preferences: ``(margins - reference - 1 / (2 beta))^2``.

    margins : (B,) by how many nats a token the better answer is likelier to the model than the worse one; reference : (B,) the
    same of the model before its training; beta : float > 0. Raises ValueError for other values. Source: Azar et al., "A
    General Theoretical Paradigm to Understand Learning from Human Preferences", 2023, eq. 17, whose tau is beta; with means a
    token, as the authors of trl found it was meant. El Firdoussi et al., Table 1: beta = 0.01. Checked by
    tests/models/language/test_preference.py.
    """
    tensors.finite("margins", tensors.real("margins", margins, "(B,)", dims=(1,)))
    tensors.finite("reference", tensors.real("reference", reference, "(B,)", dims=(1,)))
    if margins.shape != reference.shape:
        raise ValueError(f"reference has {len(reference)} numbers, allowed: {len(margins)}, those of margins")
    return (margins - reference - 1 / (2 * tensors.positive("beta", beta))).square()


class Preferring(nn.Module):
    """A language model called with pairs of rows (B, 2, 2, L), a better and a worse answer to one prompt each; it gives by how
    many nats a token (B,) the better one is likelier. Its state is the model's. Checked by
    tests/models/language/test_preference.py."""

    def __init__(self, model: LanguageModel):
        super().__init__()
        self.model = arguments.instance("model", model, LanguageModel, "a lib.models.language.model.LanguageModel")

    def forward(self, rows: Tensor) -> Tensor:
        flat = rows.flatten(0, 1)
        counted = flat[:, 1, 1:] == ANSWER
        means = -(self.model(flat) * counted).sum(1) / counted.sum(1)
        better, worse = means.view(-1, 2).unbind(1)
        return better - worse

    def state_dict(self, *args: object, **kwargs: object) -> dict[str, Tensor]:
        """That of the model."""
        return self.model.state_dict()

    def load_state_dict(self, state: dict[str, Tensor], strict: bool = True) -> object:
        """That of the model."""
        return self.model.load_state_dict(state, strict=strict)


def prefer(
    model: LanguageModel,
    better: Sequence[Row],
    worse: Sequence[Row],
    *,
    beta: float,
    config: Config,
    checkpoint: Path | None = None,
    fabric: "Fabric | None" = None,
    progress: Progress = False,
) -> Result:
    """Train in place by :func:`ipo_loss` on better and worse answers, rows of :func:`lib.models.language.rows.pairs`, as many.

    The reference is the model as it comes in, as it was at the first start also where a run resumes; with LoRA, give one whose
    adapters were just made. progress : as for :func:`lib.models.language.tuning.fine_tune`, of the reference's "rows" and then of
    "steps". Raises ValueError for another number of rows, a row without an answer, and as
    :func:`lib.training.loop.train`. Source: El Firdoussi et al., Figure 8, Table 1 (LoRA of rank 128, 5e-6 "cosine", warm-up
    0.1, batch 16, one epoch). Checked by tests/models/language/test_preference.py.
    """
    arguments.instance("model", model, LanguageModel, "a lib.models.language.model.LanguageModel")
    better, worse = checked("better", better, answered=True), checked("worse", worse, answered=True)
    if len(better) != len(worse):
        raise ValueError(f"worse has {len(worse)} rows, allowed: {len(better)}, one for each of better")
    tensors.positive("beta", beta), tensors.instance("config", config, Config)
    likely = [
        torch.tensor(log_likelihoods(model, rows, progress=progress), dtype=torch.float64) for rows in (better, worse)
    ]
    reference = (likely[0] - likely[1]).float()
    pad = model.tokenizer.pad_token_id

    def sample(places: list[int]) -> Batch:
        rows = padded([side[k] for k in places for side in (better, worse)], pad)
        return rows.view(len(places), 2, *rows.shape[1:]), reference[places]

    stream, loss = watched(
        shuffled(len(better), config, sample),
        lambda margins, before: ipo_loss(margins, before, beta),
        config,
        progress,
    )
    return train(
        Preferring(model),
        loss,
        stream,
        config=config,
        checkpoint=checkpoint,
        checkpoint_minutes=MINUTES,
        fabric=fabric or one_device(),
        progress=progress is True,
    )
