"""Train a learner on a labelled set and read off what it can use of another: accuracy, V-information, plug-in information."""

from pathlib import Path
from typing import NamedTuple

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional

from lib import tensors
from lib.models.images.corruption import unit
from lib.theory import checks
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
    tensors.instance("network", network, nn.Module), tensors.instance("config", config, Config)
    _check_set(images, labels, 1)
    if stop is not None:
        stop = tuple(checks.listed("stop", stop, "a pair of tensors, (N, ...) and (N,), or None"))
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
    tensors.instance("network", network, nn.Module)
    _check_set(images, labels, 2)
    tensors.whole("train_labels", train_labels, "(M,)", dims=(1,))
    logits = predict(network, images, prepare=unit).float().cpu()
    classes = logits.shape[1]
    for name, each in (("labels", labels), ("train_labels", train_labels)):
        if not len(each) or each.min() < 0 or each.max() >= classes:
            raise ValueError(f"{name} has {len(each)} values, allowed: at least one, in [0, {classes - 1}]")
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


def _check_set(images: Tensor, labels: Tensor, least: int) -> None:
    tensors.real("images", images, "(N, ...), uint8", empty=False), tensors.whole("labels", labels, "(N,)", dims=(1,))
    if images.ndim < 2 or len(images) != len(labels) or len(images) < least:
        raise ValueError(
            f"images and labels have shapes {tuple(images.shape)} and {tuple(labels.shape)}, allowed: (N, ...) and (N,), N at "
            f"least {least}"
        )
