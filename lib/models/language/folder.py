"""A language model as a folder of files, the form in which transformers saves it: what must be there, and what it is.

Nothing is fetched: the book cannot ship weights of a large language model, so a reader points at his own. What is wrong with a
folder is said before anything heavy is imported or read.
"""

import functools
import hashlib
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch
from safetensors import SafetensorError, safe_open

from lib import arguments

CONFIG, INDEX = "config.json", "model.safetensors.index.json"
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "vocab.txt")  # one of these
CONTENT = (".json", ".safetensors", ".model", ".txt", ".jinja")  # endings of the files that decide what a model answers
ADVICE = "allowed: a folder that transformers' save_pretrained wrote, with config.json, weights as *.safetensors, and tokenizer"
# bytes a parameter for each byte of its type: weights; and for a whole fine-tuning gradients and AdamW's two moments besides
USES = {"answer": 1, "lora": 1, "full": 4}
TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
GB = 1e9


@dataclass(frozen=True, init=False)
class Folder:
    """A folder with a language model. ``Folder("/path/to/weights")`` checks that all files are there, and whole.

    A part of a run may take one as an argument: its key covers ``name``, the kind of model, and ``digest``, the content of the
    files, and not the path. Raises ValueError, with what to do, for a folder that is absent or lacks config.json, weights or
    tokenizer, and for a file of these that is truncated or corrupt. Checked by tests/models/language/test_folder.py.
    """

    path: str

    def __init__(self, folder: str | Path):
        path = Path(os.path.abspath(os.path.expanduser(arguments.path("folder", folder))))
        if not path.is_dir():
            raise ValueError(f"folder = {str(folder)!r} is no folder; {ADVICE}")
        object.__setattr__(self, "path", str(path))
        self._checked()

    @property
    def name(self) -> str:
        """The kind of model, such as "llama"."""
        return str(_json(Path(self.path), CONFIG).get("model_type", "model"))

    @property
    def digest(self) -> str:
        """Hex sha256 of names and content of the files that decide what the model answers, computed once a process."""
        return _digest(self.path)

    @property
    def parameters(self) -> int:
        """How many numbers the weight files hold, read from their headers."""
        total = 0
        for name in self._weights():
            with safe_open(Path(self.path) / name, framework="pt") as file:
                total += sum(math.prod(file.get_slice(key).get_shape()) for key in file.keys())  # noqa: SIM118, no mapping
        return total

    def _checked(self) -> None:
        folder = Path(self.path)
        if not (folder / CONFIG).is_file():
            raise ValueError(f"folder = {self.path!r} has no {CONFIG}; {ADVICE}")
        _json(folder, CONFIG)
        for name in self._weights():
            if not (folder / name).is_file():
                raise ValueError(f"folder = {self.path!r} has no {name}, which {INDEX} names; copy it again; {ADVICE}")
            try:
                with safe_open(folder / name, framework="pt"):
                    pass
            except SafetensorError as error:
                raise ValueError(
                    f"{name} of folder = {self.path!r} is truncated or corrupt ({error}); copy it again; {ADVICE}"
                ) from error
        if not any((folder / name).is_file() for name in TOKENIZERS):
            raise ValueError(f"folder = {self.path!r} has no tokenizer: none of {', '.join(TOKENIZERS)}; {ADVICE}")

    def _weights(self) -> list[str]:
        """Names of the weight files: those of the index, or all of the folder."""
        folder = Path(self.path)
        if (folder / INDEX).is_file():
            places = _json(folder, INDEX).get("weight_map")
            if not isinstance(places, dict):
                raise ValueError(f"{INDEX} of folder = {self.path!r} has no object weight_map; copy it again; {ADVICE}")
            names = sorted(set(map(str, places.values())))
        else:
            names = sorted(path.name for path in folder.glob("*.safetensors"))
        if not names:
            pickled = any(folder.glob("*.bin"))
            said = (
                "; its *.bin files are no substitute: load them once with transformers, and save_pretrained" * pickled
            )
            raise ValueError(f"folder = {self.path!r} has no weights, *.safetensors{said}; {ADVICE}")
        return names


def check_memory(folder: Folder, use: str, dtype: str) -> float:
    """Gigabytes that a model needs at least, once it is known that so many are free on the processor and on the GPU, if any.

    use : "answer", "lora" (the weights, a little is left out) or "full" (weights, gradients and two moments of AdamW).
    dtype : "float32" or "bfloat16", of the weights.

    Raises MemoryError, with both numbers and what to do, where fewer are free. What activations need comes on top.
    Checked by tests/models/language/test_folder.py.
    """
    folder = arguments.instance("folder", folder, Folder, "a lib.models.language.folder.Folder")
    factor, size = (
        USES[arguments.one_of("use", use, USES)],
        TYPES[arguments.one_of("dtype", dtype, TYPES)].itemsize,
    )
    gpu = torch.cuda.is_available()
    free = {"memory": psutil.virtual_memory().available} | ({"GPU memory": torch.cuda.mem_get_info()[0]} if gpu else {})
    number = folder.parameters
    for kind, there in free.items():
        needed = number * size * (1 if gpu and kind == "memory" else factor)  # on their way to a GPU weights pass here
        if needed > there:
            way = {"full": "be fine-tuned whole", "lora": "be fine-tuned by LoRA", "answer": "answer"}[use]
            raise MemoryError(
                f"the model of {number / 1e9:.3g} billion parameters in {folder.path} needs at least {needed / GB:.3g} GB of "
                f"{kind} to {way} in {dtype}, and {there / GB:.3g} GB are free; take a smaller model or a larger machine"
                + (", or LoRA, which also learns in dtype = 'bfloat16'" if use == "full" else "")
                + (", or dtype = 'bfloat16'" if dtype == "float32" and use != "full" else "")
            )
    return number * size * factor / GB


def _json(folder: Path, name: str) -> dict:
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{name} of folder = {str(folder)!r} is no JSON ({error}); copy it again; {ADVICE}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{name} of folder = {str(folder)!r} holds no object; copy it again; {ADVICE}")
    return content


@functools.cache
def _digest(path: str) -> str:
    total = hashlib.sha256()
    for file in sorted(each for each in Path(path).iterdir() if each.suffix in CONTENT and each.is_file()):
        with file.open("rb") as content:
            total.update(f"\0{file.name} {hashlib.file_digest(content, 'sha256').hexdigest()}".encode())
    return total.hexdigest()
