"""A folder with a language model: what must be there, what decides its digest, and how much memory it needs."""

import json
import os
import types

import psutil
import pytest
import tiny
import torch
from safetensors.torch import load_file, save_file

from lib.models.language.folder import INDEX, Folder, check_memory
from lib.runs import keys
from lib.runs.tasks import Task


def test_what_it_knows(folder, model):
    found = Folder(folder)
    assert found.name == "llama"
    assert found.parameters == sum(each.numel() for each in model.network.parameters())


def test_the_digest_is_of_the_content(folder, tmp_path):
    there = tiny.copied(folder, tmp_path / "there")
    assert Folder(there).digest == Folder(folder).digest
    (there / "README.md").write_text("words about the model")
    other = tiny.copied(there, tmp_path / "other")
    assert Folder(other).digest == Folder(folder).digest
    (other / "tokenizer.json").write_text((other / "tokenizer.json").read_text() + " ")
    changed = tiny.copied(other, tmp_path / "changed")  # a digest is computed once a process
    assert Folder(changed).digest != Folder(folder).digest


def test_a_part_is_keyed_by_content(folder, tmp_path):
    there = Folder(tiny.copied(folder, tmp_path / "there"))
    one, other = (Task("rehearsal.refuse", word=each) for each in (Folder(folder), there))
    assert one.key == other.key
    assert one.encoded["word"] == {"source": "llama", "digest": there.digest}
    assert keys.encode("word", there) == one.encoded["word"]


def test_weights_in_several_files(folder, tmp_path):
    there = tiny.copied(folder, tmp_path / "there")
    weights = load_file(there / "model.safetensors")
    (there / "model.safetensors").unlink()
    names = sorted(weights)
    for number, part in enumerate((names[:5], names[5:])):
        save_file({name: weights[name] for name in part}, there / f"part-{number}.safetensors", {"format": "pt"})
    places = {name: f"part-{int(k >= 5)}.safetensors" for k, name in enumerate(names)}
    (there / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": places}))
    assert Folder(there).parameters == Folder(folder).parameters
    (there / "part-1.safetensors").unlink()
    with pytest.raises(ValueError, match=rf"has no part-1.safetensors, which {INDEX} names; copy it again"):
        Folder(there)


@pytest.mark.parametrize("name", ["nowhere", "a\0b", ""])
def test_no_folder(name, tmp_path):
    with pytest.raises(ValueError, match=r"^folder = .* is no .*; allowed: a "):
        Folder(str(tmp_path / name) if name == "nowhere" else name)


BROKEN = {
    "config.json": r"has no config.json; allowed: a folder that .* wrote, with config.json, weights .*, and tokenizer",
    "model.safetensors": r"has no weights, \*.safetensors; allowed: ",
    "tokenizer.json": r"has no tokenizer: none of tokenizer.json, .*; allowed: ",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_is_missing(name, folder, tmp_path):
    there = tiny.copied(folder, tmp_path / "there")
    (there / name).unlink()
    with pytest.raises(ValueError, match=rf"^folder = '{there}' {BROKEN[name]}"):
        Folder(there)


@pytest.mark.parametrize("content", ['{"weight_map": 5}', "{}"])
def test_a_broken_index(content, folder, tmp_path):
    there = tiny.copied(folder, tmp_path / "there")
    (there / "model.safetensors.index.json").write_text(content)
    with pytest.raises(
        ValueError, match=rf"^model.safetensors.index.json of folder = '{there}' has no object weight_map"
    ):
        Folder(there)


def test_pickled_weights_are_not_read(folder, tmp_path):
    there = tiny.copied(folder, tmp_path / "there")
    (there / "model.safetensors").rename(there / "pytorch_model.bin")
    with pytest.raises(
        ValueError, match=r"\*.bin files are no substitute: load them once with transformers, and save_pretrained"
    ):
        Folder(there)


@pytest.mark.parametrize("share", [0, 0.001, 0.5, 0.999])
def test_truncated_weights(share, folder, tmp_path):
    there = tiny.copied(folder, tmp_path / "there")
    path = there / "model.safetensors"
    os.truncate(path, int(share * path.stat().st_size))
    with pytest.raises(
        ValueError, match=rf"model.safetensors of folder = '{there}' is truncated or corrupt .*; copy it again"
    ):
        Folder(there)


@pytest.mark.parametrize(("text", "said"), [('{"model_type": "lla', "is no JSON"), ("[]", "holds no object")])
def test_a_broken_config(text, said, folder, tmp_path):
    there = tiny.copied(folder, tmp_path / "there")
    (there / "config.json").write_text(text)
    with pytest.raises(ValueError, match=rf"config.json of folder = '{there}' {said}.*; copy it again"):
        Folder(there)


@pytest.mark.parametrize(
    ("use", "dtype", "bytes_each"),
    [
        ("answer", "float32", 4),
        ("answer", "bfloat16", 2),
        ("lora", "float32", 4),
        ("full", "float32", 16),
        ("full", "bfloat16", 8),
    ],
)
def test_memory(use, dtype, bytes_each, folder, monkeypatch):
    """A byte too few is refused, with both numbers; as many as are needed are enough."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    needed = Folder(folder).parameters * bytes_each
    monkeypatch.setattr(psutil, "virtual_memory", lambda: types.SimpleNamespace(available=needed))
    assert check_memory(Folder(folder), use, dtype) == needed / 1e9
    monkeypatch.setattr(psutil, "virtual_memory", lambda: types.SimpleNamespace(available=needed - 1))
    said = (
        rf"needs at least {needed / 1e9:.3g} GB of memory .*, and {needed / 1e9:.3g} GB are free; take a smaller model"
    )
    with pytest.raises(MemoryError, match=said):
        check_memory(Folder(folder), use, dtype)


def test_memory_of_a_gpu(folder, monkeypatch):
    """The weights pass through memory; the GPU must hold all."""
    number = Folder(folder).parameters
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: types.SimpleNamespace(available=4 * number))
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (16 * number, 10**12))
    check_memory(Folder(folder), "full", "float32")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (15 * number, 10**12))
    with pytest.raises(
        MemoryError,
        match=r"GB of GPU memory to be fine-tuned whole in float32.* or LoRA, which also learns in dtype = 'bfloat16'",
    ):
        check_memory(Folder(folder), "full", "float32")
