"""A long computation over many rows, batch by batch, that goes on where it was killed.

To write a summary of every article of a training set takes the paper a day. So what is done is kept beside, in a file of
:mod:`lib.training.checkpoint`, and rows of about the same length share a batch, which saves padding.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tqdm.auto import tqdm

from lib import arguments, tensors
from lib.models.language.model import LanguageModel
from lib.models.language.rows import Row, checked
from lib.theory import checks
from lib.training import checkpoint as checkpoints

MINUTES = 2.0  # between two writes of what is done
# whether to draw a bar on the terminal; or a function that is told what is done, of how much, and in which unit
Progress = bool | Callable[[int, int, str], object]


def in_batches(
    compute: Callable[[list[Row]], list],
    model: LanguageModel,
    rows: Sequence[Row],
    *,
    batch: int,
    what: str,
    checkpoint: Path | None = None,
    minutes: float = MINUTES,
    progress: Progress = False,
) -> list:
    """What ``compute`` gives for rows, a value of JSON each, in their order.

    It is given ``batch`` rows or fewer at once, the longest first. With a ``checkpoint`` what is done is written there every so
    many ``minutes`` and at the end, and a call with the same rows, weights, batch and ``what`` goes on from it. ``progress``:
    True for a bar on the terminal, or a function that is told before the first batch and after each how many of how many "rows"
    are done; the time that their pace gives is rather too long, since the longest come first.

    Raises ValueError for other values, a checkpoint of another run, and a corrupt one. Checked by
    tests/models/language/test_batches.py.
    """
    arguments.instance("model", model, LanguageModel, "a lib.models.language.model.LanguageModel")
    rows, batch = checked("rows", rows), checks.integer("batch", batch, 1, 10**6)
    arguments.text("what", what), checks.real("minutes", minutes, 0.0, math.inf)
    tensors.instance("checkpoint", checkpoint, Path, optional=True)
    tell = teller(progress)
    order = sorted(range(len(rows)), key=lambda k: -len(rows[k].tokens))
    run, done = None, []
    if checkpoint is not None:
        asked = hashlib.sha256(json.dumps(rows).encode()).hexdigest()
        run = {"what": what, "rows": asked, "batch": batch, "model": checkpoints.digest(model.state_dict())}
        if checkpoint.exists():
            _, stored = checkpoints.load(checkpoint)
            checkpoints.check_same_run(checkpoint, stored["run"], run)
            done = stored["done"]
    kept, training = time.monotonic(), model.training
    model.eval()
    with tqdm(total=len(rows), initial=len(done), unit="rows", desc=what, disable=progress is not True) as bar:
        tell(len(done), len(rows), "rows")
        while len(done) < len(rows):
            places = order[len(done) : len(done) + batch]
            done += compute([rows[k] for k in places])
            bar.update(len(places))
            tell(len(done), len(rows), "rows")
            if checkpoint is not None and (len(done) == len(rows) or time.monotonic() > kept + 60 * minutes):
                checkpoints.save(checkpoint, {}, {"run": run, "done": done})
                kept = time.monotonic()
    model.train(training)
    values: list = [None] * len(rows)
    for place, value in zip(order, done, strict=True):
        values[place] = value
    return values


def teller(progress: Progress) -> Callable[[int, int, str], object]:
    """The function that ``progress`` is, or for True and False one that tells nobody. Raises ValueError for anything else.

    Checked by tests/models/language/test_batches.py.
    """
    if isinstance(progress, bool):
        return lambda *_: None
    if not callable(progress) or isinstance(progress, type):
        raise ValueError(
            f"progress = {checks.shown(progress)} is neither; allowed: True, False, or a function of done, total and unit"
        )
    return progress
