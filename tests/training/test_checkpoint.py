"""Checkpoint files: round trip, and every way to break one."""

import json
import os
import pickle
import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from lib.training import checkpoint


@pytest.fixture
def file(tmp_path):
    """A file with tensors of several types and memory orders, and state in which floats must survive."""
    image = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    tensors = {
        "model/weight": image.contiguous(memory_format=torch.channels_last),
        "model/steps": torch.tensor(7),
        "generator/own": torch.Generator().manual_seed(3).get_state(),
        "best/half": torch.tensor([1.5, -2.0]).bfloat16(),
        "best/none": torch.zeros(0, 3),
    }
    state = {"history": [{"train": 0.1 + 0.2, "held_out": None}], "run": {"seed": 2**62 + 1}}
    path = tmp_path / "run.safetensors"
    checkpoint.save(path, tensors, state)
    return path, tensors, state


def test_round_trip(file):
    path, tensors, state = file
    read, read_state = checkpoint.load(path)
    torch.testing.assert_close(read, tensors, rtol=0, atol=0)
    assert read_state == state
    assert os.listdir(path.parent) == [path.name]


def test_truncated(file):
    path, _, _ = file
    content = path.read_bytes()
    for length in [0, 1, 7, 8, 9, 100, len(content) // 2, len(content) - 1]:
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"run.safetensors is corrupt \(.*\); remove it to start the run again"):
            checkpoint.load(path)


def test_corrupt(file):
    """Any flipped bit: in the length of the header, in the header, in the state, in its digest, or in a tensor."""
    path, _, _ = file
    content = path.read_bytes()
    for position in range(0, len(content), 7):  # 7 is prime to the 8 bytes to which safetensors aligns
        broken = bytearray(content)
        broken[position] ^= 1 << position % 8
        path.write_bytes(broken)
        with pytest.raises(ValueError, match=r"run.safetensors is corrupt"):
            checkpoint.load(path)


def test_other_kind_of_file(file):
    path, _, _ = file
    save_file({"x": torch.zeros(3)}, path)
    with pytest.raises(ValueError, match=r"run.safetensors is corrupt \('sha256'\)"):
        checkpoint.load(path)
    for content in (pickle.dumps({"x": 1}), json.dumps({}).encode(), b"PK\x03\x04" + bytes(100)):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"run.safetensors is corrupt"):
            checkpoint.load(path)


def test_not_json(tmp_path):
    """Not-a-number is no JSON: refused, and nothing is written."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        checkpoint.save(tmp_path / "run.safetensors", {}, {"loss": float("nan")})
    assert os.listdir(tmp_path) == []


def test_tied_weights(tmp_path):
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    model[1].weight = model[0].weight
    checkpoint.save(tmp_path / "tied", model.state_dict(), {})
    read, _ = checkpoint.load(tmp_path / "tied")
    assert torch.equal(read["0.weight"], read["1.weight"])


def test_digest():
    """The order of the mapping and of the memory do not count; a name, a shape, a type or a value does."""
    a, b = torch.arange(24.0).view(1, 2, 3, 4), torch.zeros(2)
    known = checkpoint.digest({"a": a, "b": b})
    assert checkpoint.digest({"b": b, "a": a.contiguous(memory_format=torch.channels_last)}) == known
    for other in ({"a": a, "c": b}, {"a": a.view(2, 12), "b": b}, {"a": a, "b": b.int()}, {"a": a + 1, "b": b}):
        assert checkpoint.digest(other) != known


def test_reading_a_checkpoint_needs_no_fabric():
    """It takes as long as torch to import, and runs read tensors without training anything."""
    code = "import sys, lib.training.checkpoint; print('lightning_fabric' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
