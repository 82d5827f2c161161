"""The state of a training run as one file: tensors as safetensors, the rest as JSON in its header, no pickle.

One file, because two that are renamed one after the other can be of two different steps.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor


def save(path: Path, tensors: Mapping[str, Tensor], state: Mapping[str, object]) -> None:
    """Write tensors and JSON state beside ``path`` and rename the file into place, so that a kill leaves the old one or the new.

    The header holds a sha256 of all of it: a file whose bytes changed later is not taken for a state.
    Checked by tests/training/test_checkpoint.py.
    """
    # own memory for each: safetensors refuses tensors that share theirs, as tied weights do
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    content = json.dumps(state, allow_nan=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f"{path.name}.part*"):  # of a process that was killed while it wrote
        left.unlink(missing_ok=True)
    part = path.with_name(f"{path.name}.part{os.getpid()}")  # a worker that outlives its run must not write into ours
    save_file(tensors, part, {"state": content, "sha256": digest(tensors, content)})
    part.replace(path)


def load(path: Path) -> tuple[dict[str, Tensor], dict]:
    """Tensors, on the processor, and JSON state of a file of :func:`save`.

    Raises ValueError, naming the file, if it is truncated, corrupt or another kind of file.
    Checked by tests/training/test_checkpoint.py::test_corrupt.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, it is no mapping
        if header["sha256"] != digest(tensors, header["state"]):
            raise ValueError("its content does not have its sha256")
        return tensors, json.loads(header["state"])
    except (SafetensorError, KeyError, UnicodeDecodeError, ValueError) as error:
        raise ValueError(f"checkpoint {path} is corrupt ({error}); remove it to start the run again") from error


def digest(tensors: Mapping[str, Tensor], text: str = "") -> str:
    """Hex sha256 of names, types, shapes and values, whatever the order of the mapping or of the memory, and of ``text``."""
    total = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        total.update(f"\0{name} {tensor.dtype} {tuple(tensor.shape)}\0".encode())
        total.update(tensor.flatten().view(torch.uint8).numpy())
    return total.hexdigest()


def check_same_run(path: Path, stored: Mapping[str, object], wanted: Mapping[str, object]) -> None:
    """Raise ValueError, naming the file and the first entry, unless two descriptions of a run are equal.

    Checked by tests/training/test_training_resume.py::test_other_run.
    """
    for name in [*wanted, *stored]:
        if stored.get(name) != wanted.get(name):
            raise ValueError(
                f"checkpoint {path} is of another run: its {name} = {stored.get(name)!r}, "
                f"allowed: {wanted.get(name)!r}; remove it, or give this run another path"
            )
