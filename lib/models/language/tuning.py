"""Fine-tuning on pairs of a prompt and its answer, by the book's own loop: see :mod:`lib.training.loop`."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from lib import arguments, tensors
from lib.models.language.batches import Progress, teller
from lib.models.language.model import ANSWER, LanguageModel
from lib.models.language.rows import Row, checked, padded
from lib.theory import checks
from lib.training import Config, Result, one_device, train
from lib.training.evaluation import Loss
from lib.training.streams import Batch, Shuffled, Stream

if TYPE_CHECKING:
    from lightning_fabric import Fabric  # slow to import, so only where one is made

MINUTES = 10.0  # between two checkpoints; one of seven billion parameters with their moments takes a minute


def plan(settings: Mapping[str, object], count: int, *, seed: int) -> Config:
    """The training of ``count`` pairs as a :class:`lib.training.config.Config`, from numbers of a design.

    settings : mapping
        "learning_rate", "schedule" and "batch", and where they differ from these defaults "epochs" 1, "accumulate" 1,
        "warm_up" 0, a share of all steps in [0, 1), "weight_decay" 0 and "clip" 1, those of the script that Feng et al. name.
    count : int in [1, 10^9]
        Pairs. A last batch that is not full is left out; all of them are one where there are fewer than a batch, in as few
        micro-batches as leave each no larger than the settings have it.

    Raises ValueError for a value outside its range. Source: Feng et al., Appendix C: 5e-5 "cosine" (2e-5 "constant" on selected
    answers), batch 32, one epoch. Checked by tests/models/language/test_tuning.py.
    """
    arguments.mapping("settings", settings, "numbers of a training by name")
    count = checks.integer("count", count, 1, 10**9)
    for name in ("learning_rate", "schedule", "batch"):
        if name not in settings:
            raise ValueError(
                f"settings has no {name!r}, only {list(settings)}; allowed: with 'learning_rate', 'schedule', 'batch'"
            )
    sizes = (checks.integer(name, settings.get(name, 1), 1, 10**6) for name in ("epochs", "batch", "accumulate"))
    epochs, batch, accumulate = sizes
    if count < batch:
        at_once = max(1, batch // accumulate)  # memory suffices for so many
        batch, accumulate = count, next(k for k in range(1, count + 1) if count % k == 0 and count <= k * at_once)
    steps = epochs * (count // batch)
    share = checks.real("warm_up", settings.get("warm_up", 0.0), 0.0, 1.0, open_high=True)
    return Config(
        steps=steps,
        evaluate_every=count // batch,
        batch=batch,
        accumulate=accumulate,
        learning_rate=settings["learning_rate"],
        schedule=settings["schedule"],
        warm_up=min(round(share * steps), steps - 1),
        weight_decay=settings.get("weight_decay", 0.0),
        clip=settings.get("clip", 1.0),
        seed=seed,
    )


def fine_tune(
    model: LanguageModel,
    rows: Sequence[Row],
    *,
    config: Config,
    checkpoint: Path | None = None,
    checkpoint_steps: int | None = None,
    fabric: "Fabric | None" = None,
    progress: Progress = False,
) -> Result:
    """Train in place on rows of :func:`lib.models.language.rows.pairs`, by the mean loss of answers' tokens and end tokens.

    All weights are trained, or after :func:`lib.models.language.model.with_lora` the adapters only. Killed and started again
    with its checkpoint, it ends on the same processor with the same weights to the last bit; on a GPU the backward pass of
    attention may round otherwise each time. Raises ValueError for no rows, a row without an answer, and as
    :func:`lib.training.loop.train`. Source: Feng et al., Appendix C. Its script learns the prompts' tokens too: ``all_text``
    of pairs. ``progress``: True for a bar on the terminal, or a function that is told at each step how many of how many "steps"
    are made. Checked by tests/models/language/test_tuning.py.
    """
    arguments.instance("model", model, LanguageModel, "a lib.models.language.model.LanguageModel")
    rows = checked("rows", rows, answered=True)
    tensors.instance("config", config, Config)
    pad = model.tokenizer.pad_token_id

    def sample(places: list[int]) -> Batch:
        batch = padded([rows[k] for k in places], pad)
        return batch, batch[:, 1, 1:] >= ANSWER

    stream, loss = watched(shuffled(len(rows), config, sample), lambda losses, _: losses, config, progress)
    return train(
        model,
        loss,
        stream,
        config=dataclasses.replace(config, evaluate_every=config.evaluate_every or config.steps),
        weights=lambda answered: answered.float(),
        checkpoint=checkpoint,
        checkpoint_steps=checkpoint_steps,
        checkpoint_minutes=MINUTES,
        fabric=fabric or one_device(),
        progress=progress is True,
    )


def shuffled(count: int, config: Config, sample: Callable[[list[int]], Batch]) -> Stream:
    """A stream for the loop: ``sample`` makes a batch of places, drawn as the loop draws them from a set of ``count``, so that
    each batch is as long as its own longest row.

    count : int in [1, 10^9]. Raises ValueError for another, and for a config of larger batches. Checked by
    tests/models/language/test_tuning.py.
    """
    tensors.instance("config", config, Config)
    places = torch.arange(checks.integer("count", count, 1, 10**9))
    if config.batch > len(places):
        raise ValueError(f"config.batch = {config.batch} of count = {len(places)} rows; allowed: at most so many")
    drawn = Shuffled(places, places, batch=config.batch, seed=config.seed)
    return lambda step: sample(drawn(step)[0].tolist())


def watched(stream: Stream, loss: Loss, config: Config, progress: Progress) -> tuple[Stream, Loss]:
    """Stream and loss of a training that tell ``progress``, where it is a function, at which of its steps it is.

    The loss tells, since the loop also looks at batches of the stream that no step is made with. Raises ValueError for another
    config or ``progress``. Checked by tests/models/language/test_tuning.py.
    """
    tensors.instance("config", config, Config)
    tell, at = teller(progress), 0

    def drawn(step: int) -> Batch:
        nonlocal at
        at = step
        return stream(step)

    def measured(output: Tensor, target: Tensor) -> Tensor:
        tell(at, config.steps, "steps")
        return loss(output, target)

    return drawn, measured
