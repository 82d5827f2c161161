"""The state of a training run as one file: tensors as safetensors, the rest as JSON in its header, no pickle.

Tensors: ``model/<name>``, ``best/<name>`` (weights of the lowest held-out loss so far), ``optimizer/<parameter>/<name>``,
``generator/<name>``. One file, because two that are renamed one after the other can be of two different epochs.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn


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

    Checked by tests/training/test_loop.py::test_other_run.
    """
    for name in [*wanted, *stored]:
        if stored.get(name) != wanted.get(name):
            raise ValueError(
                f"checkpoint {path} is of another run: its {name} = {stored.get(name)!r}, "
                f"allowed: {wanted.get(name)!r}; remove it, or give this run another path"
            )


def snapshot(
    model: nn.Module, optimizer: torch.optim.Optimizer, generator: torch.Generator, best: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """All tensors that the next epoch depends on, torch's global generators among them (dropout draws from these)."""
    tensors = {f"model/{name}": value for name, value in model.state_dict().items()}
    tensors |= {f"best/{name}": value for name, value in best.items()}
    for parameter, values in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{parameter}/{name}": value for name, value in values.items()}
    tensors |= {"generator/own": generator.get_state(), "generator/cpu": torch.get_rng_state()}
    if generator.device.type == "cuda":
        tensors["generator/cuda"] = torch.cuda.get_rng_state(generator.device)
    return tensors


def restore(
    tensors: Mapping[str, Tensor], model: nn.Module, optimizer: torch.optim.Optimizer, generator: torch.Generator
) -> dict[str, Tensor]:
    """Put a :func:`snapshot` back, and return its best weights. Checked by tests/training/test_loop.py::test_kill_and_resume."""

    def below(part: str) -> dict[str, Tensor]:
        return {name.removeprefix(part): value for name, value in tensors.items() if name.startswith(part)}

    model.load_state_dict(below("model/"))
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in below("optimizer/").items():
        index, kind = name.split("/")
        like = parameters[int(index)]
        if value.shape == like.shape:  # in the memory order of its parameter: in another, sums round in another way
            value = torch.empty_like(like, dtype=value.dtype).copy_(value)
        state.setdefault(int(index), {})[kind] = value
    optimizer.load_state_dict(optimizer.state_dict() | {"state": state})
    generator.set_state(tensors["generator/own"])
    torch.set_rng_state(tensors["generator/cpu"])
    if generator.device.type == "cuda":
        torch.cuda.set_rng_state(tensors["generator/cuda"], generator.device)
    return below("best/")
