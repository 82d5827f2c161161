"""What the parts of beyond-collapse/05 and random-matrices/05 share that fine-tune a language model from a reader's folder.

A design is a mapping of "block", tokens of a prompt with its answer, "answer", tokens of the answer of these, "all_text",
whether the prompts are learned too, "dtype" of the weights, "lora", the rank of adapters or 0 to train all weights, "at_once",
rows of a batch where nothing is learned, and trainings: mappings of :func:`lib.models.language.tuning.plan`.
"""

from collections.abc import Mapping, Sequence

from lib import seeds
from lib.models.language.folder import Folder
from lib.models.language.model import LanguageModel, load, with_lora
from lib.models.language.rows import pairs
from lib.models.language.tuning import fine_tune, plan
from lib.runs import checkpoint, telling


def opened(folder: Folder, design: Mapping, *, seed: int) -> LanguageModel:
    """The model in a folder, ready to be trained as the design has it: whole, or with fresh adapters.

    Raises ValueError for all weights in bfloat16, and ValueError and MemoryError as :func:`lib.models.language.model.load` and
    :func:`lib.models.language.model.with_lora`. Checked by tests/experiments/random_matrices/test_language_safety.py.
    """
    use = "lora" if design["lora"] else "full"
    if use == "full" and design["dtype"] == "bfloat16":  # eight bits: a step of 0.00005 on a weight of 0.02 rounds away
        raise ValueError(
            "dtype = 'bfloat16' with lora = 0 would round most steps of a training away; allowed: 'float32', or adapters, so "
            "that lora is at least 1"
        )
    model = load(folder, block=design["block"], use=use, dtype=design["dtype"])
    return with_lora(model, rank=design["lora"], seed=seed) if design["lora"] else model


def tuned(
    folder: Folder,
    template: str,
    texts: Sequence[str],
    answers: Sequence[str],
    design: Mapping,
    training: Mapping,
    *,
    seed: int,
    stream: str,
    name: str,
) -> LanguageModel:
    """The model in a folder, fine-tuned on texts in a template with their answers.

    ``stream`` and ``name`` say what draws: adapters and order come from the seed and these. The state of the training is kept
    as ``name`` of the part that runs. Raises ValueError as :func:`opened`, :func:`lib.models.language.rows.pairs` and
    :func:`lib.models.language.tuning.plan`. Checked by tests/experiments/random_matrices/test_language_safety.py.
    """
    model = opened(folder, design, seed=seeds.number(seed, stream, name, "adapters"))
    rows = pairs(model, template, texts, answers, answer=design["answer"], all_text=design["all_text"])
    config = plan(training, len(rows), seed=seeds.number(seed, stream, name, "order"))
    fine_tune(model, rows, config=config, **resumable(name))
    return model


def resumable(name: str) -> dict[str, object]:
    """What a computation of hours, ``name`` of the part that runs, is called with: "checkpoint", where what is done is kept, and
    "progress", who is told how much that is.

    Checked by tests/experiments/test_fine_tuning.py.
    """
    return {"checkpoint": checkpoint(name), "progress": telling(name)}
