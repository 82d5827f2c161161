"""Committed records: each is current, or stands for a written reason."""

from pathlib import Path

import pytest
import torch

from lib.paths import ROOT
from lib.runs import Run, Task, records, reference
from lib.training import checkpoint

RECORDS = sorted(str(p.relative_to(records.REFERENCE).with_suffix("")) for p in records.REFERENCE.rglob("*/*.json"))


@pytest.mark.parametrize("notebook", RECORDS)
def test_a_record_is_current_or_has_a_reason(notebook):
    """Its parts have the keys that the code of today gives them; if not, data/reference/older-code.yml says why it stands."""
    current = not records.outdated(reference(notebook))
    assert current != (notebook in records.reasons())
    assert records.standing(notebook) == ("" if current else records.reasons()[notebook].strip())


def test_reasons_are_of_records():
    assert set(records.reasons()) <= set(RECORDS)
    assert all(len(reason.split()) > 8 for reason in records.reasons().values())


def made(tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    run = Run("chapter/notebook", {"profile": "paper"})
    blocks = [Task("rehearsal.block", seed=seed, n=2) for seed in (1, 2)]
    return run.finish(run.part(Task("rehearsal.total", blocks=blocks)))


def test_outdated(tmp_path, monkeypatch):
    """A record is current as long as no function that made a part has changed, moved or gone."""
    record = made(tmp_path, monkeypatch)
    assert records.outdated(record) == []
    code = records.keys.code
    with monkeypatch.context() as patch:
        patch.setattr(records.keys, "code", lambda f, root=None: "new" if f == "rehearsal.block" else code(f))
        assert [row["function"] for row in records.outdated(record)] == ["rehearsal.block"] * 2
    record["parts"][0]["function"] = "rehearsal.gone"
    assert len(records.outdated(record)) == 1
    assert len(records.outdated({"values": 1})) == 1


def test_standing(tmp_path, monkeypatch):
    assert records.standing("chapter/none") is None
    monkeypatch.setattr(records, "REFERENCE", tmp_path / "paper")
    record = made(tmp_path, monkeypatch)
    (tmp_path / "paper/chapter/notebook/record.json").rename(tmp_path / "paper/chapter/notebook.json")
    assert records.standing("chapter/notebook") == ""
    monkeypatch.setattr(records, "outdated", lambda record: record["parts"])
    monkeypatch.setattr(records, "reasons", dict)
    with pytest.raises(ValueError, match=r"older-code\.yml has no reason"):
        records.standing("chapter/notebook")
    monkeypatch.setattr(records, "reasons", lambda: {"chapter/notebook": " It is slow. "})
    assert records.standing("chapter/notebook") == "It is slow."
    assert record["values"] == reference("chapter/notebook")["values"]


def test_tensors_of_a_record(tmp_path, monkeypatch):
    """They come back bit by bit; a file of another record, a corrupt one and a missing one are refused by name."""
    monkeypatch.setenv("BOOK_RUNS", str(tmp_path))
    weights = {"a": torch.arange(3.0), "b": torch.ones(2, 2)}
    Run("chapter/notebook", {"profile": "paper"}).finish({}, tensors=weights)
    folder = tmp_path / "paper/chapter/notebook"
    monkeypatch.setattr(records, "REFERENCE", tmp_path / "paper")
    for name in ("record.json", "record.safetensors"):
        (folder / name).rename(folder.parent / f"notebook{Path(name).suffix}")
    found = records.tensors("chapter/notebook")
    assert found.keys() == weights.keys()
    assert all(torch.equal(found[name], weights[name]) for name in weights)
    beside = folder.parent / "notebook.safetensors"
    checkpoint.save(beside, weights | {"a": torch.zeros(3)}, {})
    with pytest.raises(
        ValueError, match=r"^notebook\.safetensors in .* is corrupt \(its tensors do not have the digest"
    ):
        records.tensors("chapter/notebook")
    beside.write_bytes(beside.read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"notebook\.safetensors is corrupt"):
        records.tensors("chapter/notebook")
    beside.unlink()
    with pytest.raises(ValueError, match=r"^notebook\.json in .* is corrupt \(notebook\.safetensors, whose tensors"):
        records.tensors("chapter/notebook")


def test_missing_reference_is_named():
    with pytest.raises(ValueError, match=r"no reference record data/reference/chapter/none\.json"):
        reference("chapter/none")
    assert ROOT.is_dir()


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "{}",
        "",
        "3",
        '{"notebook": "a", "complete": true, "parameters": {}, "provenance": {}, "values": 1, "parts": [{}]}',
    ],
)
def test_a_corrupt_record_is_named(tmp_path, monkeypatch, content):
    monkeypatch.setattr(records, "REFERENCE", tmp_path)
    (tmp_path / "chapter").mkdir()
    (tmp_path / "chapter/notebook.json").write_text(content)
    for act in (reference, records.standing):
        with pytest.raises(ValueError, match=r"^notebook\.json in .*chapter is corrupt \("):
            act("chapter/notebook")


@pytest.mark.parametrize("content", ["[", "[a]", "a: 3", "- x"])
def test_corrupt_reasons_are_named(tmp_path, monkeypatch, content):
    monkeypatch.setattr(records, "REFERENCE", tmp_path)
    (tmp_path / "older-code.yml").write_text(content)
    with pytest.raises(ValueError, match=r"^older-code\.yml in .* is corrupt \("):
        records.reasons.__wrapped__()


@pytest.mark.parametrize("name", ["../../../escape", "/tmp/escape", ""])
def test_a_name_that_leads_out_is_refused(name):
    for act in (reference, records.standing):
        with pytest.raises(ValueError, match="does not stay inside reference/"):
            act(name)
