"""A model's outputs and losses without gradients, batch by batch."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from lib import tensors
from lib.theory import checks

Loss = Callable[[Tensor, Tensor], Tensor]
Hook = Callable[[Tensor], Tensor]

# examples at once without gradients: larger batches leave the processor's cache
EVALUATION_BATCH = 128


def predict(model: nn.Module, inputs: Tensor, *, prepare: Hook | None = None, batch: int = EVALUATION_BATCH) -> Tensor:
    """Outputs (N, ...) of the model in evaluation mode, without gradients, on the model's device.

    ``inputs`` (N, ...) may be elsewhere; they are moved ``batch`` by ``batch``. Outputs of several lengths cannot be joined.
    Checked by tests/training/test_evaluation.py.
    """
    tensors.instance("model", model, nn.Module), tensors.hook("prepare", prepare)
    if not tensors.real("inputs", inputs, "(N, ...)", empty=False).ndim:
        raise ValueError("inputs has shape (), allowed: (N, ...)")
    return torch.cat(list(_outputs(model, inputs, prepare, checks.integer("batch", batch, 1, 10**9))))


def mean_loss(
    model: nn.Module,
    loss: Loss,
    data: tuple[Tensor, Tensor],
    *,
    weights: Hook | None = None,
    prepare: Hook | None = None,
    batch: int = EVALUATION_BATCH,
) -> float:
    """Mean loss over inputs (N, ...) and targets (N, ...), in evaluation mode; never more than one batch of outputs is kept.

    ``loss`` and ``weights`` as in :func:`lib.training.loop.train`. Batches are summed in double precision.
    Checked by tests/training/test_evaluation.py.
    """
    parts = data[1].split(batch)
    whole = sum(size(part, weights) for part in parts)
    outputs = _outputs(model, data[0], prepare, batch)
    shares = (share(loss, weights, output, part, whole).double() for output, part in zip(outputs, parts, strict=True))
    return sum(shares).item()


def size(targets: Tensor, weights: Hook | None) -> int | Tensor:
    """What a mean over these targets divides by: their number, or the sum of their weights."""
    return len(targets) if weights is None else weights(targets).sum()


def share(loss: Loss, weights: Hook | None, outputs: Tensor, targets: Tensor, whole: float | Tensor) -> Tensor:
    """What one part of a batch adds to the mean loss of the batch, whose :func:`size` is ``whole``.

    Raises ValueError if there are weights, and losses of another shape. Checked by tests/training/test_evaluation.py.
    """
    losses = loss(outputs, targets)
    if weights is None:
        mean = losses if losses.ndim == 0 else losses.mean()
        return mean if len(targets) == whole else mean * (len(targets) / whole)
    counted = weights(targets)
    if losses.shape != counted.shape:
        raise ValueError(
            f"losses have shape {tuple(losses.shape)}; allowed: that of the weights, {tuple(counted.shape)}"
        )
    return (losses * counted).sum() / whole


def prepared(inputs: Tensor, prepare: Hook | None) -> Tensor:
    """Inputs of one batch as the model gets them; images (batch, channels, height, width) in channels-last order."""
    x = inputs if prepare is None else prepare(inputs)
    return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x


def _outputs(model: nn.Module, inputs: Tensor, prepare: Hook | None, batch: int) -> Iterator[Tensor]:
    device, training = next(model.parameters()).device, model.training
    model.eval()
    try:
        for part in inputs.split(batch):
            with torch.no_grad():
                output = model(prepared(part.to(device), prepare))
            yield output
    finally:
        model.train(training)
