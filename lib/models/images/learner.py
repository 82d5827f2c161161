"""Train a learner on a labelled set and read off what it can use of another: accuracy, V-information, plug-in information."""

from pathlib import Path
from typing import NamedTuple

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional

from lib.models.images.corruption import unit
from lib.theory.usable_information import plugin_information, v_information
from lib.training import Config, predict, train


class Reading(NamedTuple):
    """What a learner gets out of a test set.

    ``accuracy`` in [0, 1]; ``bits``, V-information by Xu et al., negative where the learner is worse than the class frequencies;
    ``bits_error``, its standard error over the test images; ``information``, the plug-in information of the confusion matrix in
    bits, corrected for its bias: the paper's ``I(f(X); Y)``."""

    accuracy: float
    bits: float
    bits_error: float
    information: float


def learn(
    network: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    stop: tuple[Tensor, Tensor] | None = None,
    config: Config,
    checkpoint: Path | None = None,
    fabric: Fabric | None = None,
) -> nn.Module:
    """Train ``network`` in place by the cross-entropy; return it.

    Args: images (N, ...) uint8, labels (N,) int64; ``stop``, a labelled set of the same distribution, whose loss picks the epoch
    of the weights (all are run unless ``config.patience`` says otherwise), or None for the last; ``checkpoint`` and
    ``fabric`` of :func:`lib.training.loop.train`.
    Source: Bharthulwar, Section 2 (learner L). Checked by tests/models/images/test_learner.py.
    """
    if stop is not None and config.patience is None:
        config = Config(**{**config.__dict__, "patience": config.epochs})  # never stops early, keeps the best epoch
    loss = functional.cross_entropy
    train(
        network,
        loss,
        (images, labels),
        config=config,
        held_out=stop,
        prepare=unit,
        checkpoint=checkpoint,
        fabric=fabric,
    )
    return network


def evaluate(network: nn.Module, images: Tensor, labels: Tensor, *, train_labels: Tensor) -> Reading:
    """Test a learner on images (N, ...) uint8 with labels (N,) int64, N at least 2.

    H_V(Y) is the loss of the frequencies of ``train_labels``, the best member of V that sees no image. Raises ValueError for
    a test label that never was in training. Source: Xu et al. 2020, Definitions 2 and 3.
    Checked by tests/models/images/test_learner.py.
    """
    logits = predict(network, images, prepare=unit).float().cpu()
    classes = logits.shape[1]
    counts = torch.bincount(train_labels, minlength=classes)
    if (counts[labels.unique()] == 0).any():
        raise ValueError(
            f"labels = {labels.unique().tolist()}, allowed: those of training, with counts {counts.tolist()}"
        )
    null = -(counts / counts.sum()).log()[labels]
    losses = functional.cross_entropy(logits.double(), labels, reduction="none")
    bits = v_information(losses.tolist(), null.tolist())
    decided = logits.argmax(1)
    confusion = torch.bincount(classes * decided + labels, minlength=classes**2).view(classes, classes)
    accuracy = (decided == labels).double().mean().item()
    return Reading(accuracy, bits.value, bits.standard_error, plugin_information(confusion.tolist()).corrected)
