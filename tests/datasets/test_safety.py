"""Labelled answers from a reader's own file; the form is checked in test_json_lines.py."""

import json
import os

import pytest
import torch

from lib import datasets
from lib.paths import data_folder


def write(root, labels, name="mine.jsonl"):
    path = root / "safety" / name
    path.parent.mkdir(exist_ok=True)
    rows = [{"prompt": f"Q{k}?", "response": f"A{k}.", "is_safe": label} for k, label in enumerate(labels)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_own_file(tmp_path):
    write(tmp_path, ["0", 1, True])
    questions, answers, labels = datasets.load("safety", root=tmp_path, file="mine.jsonl")
    assert (questions, answers) == (("Q0?", "Q1?", "Q2?"), ("A0.", "A1.", "A2."))
    assert torch.equal(labels, torch.tensor([0, 1, 1]))


@pytest.mark.parametrize("label", [0, 1])
def test_one_class(tmp_path, label):
    write(tmp_path, [label, label])
    with pytest.raises(ValueError, match=rf"labels of .*mine.jsonl, is_safe, = \[{label}\], allowed: each of 0 to 1"):
        datasets.load("safety", root=tmp_path, file="mine.jsonl")


def test_another_label(tmp_path):
    write(tmp_path, [0, 1, "unsafe"])
    with pytest.raises(ValueError, match=r"^is_safe = 'unsafe' in line 3 of .*'is_safe' \(0 or 1\)"):
        datasets.load("safety", root=tmp_path, file="mine.jsonl")


def test_known_name_with_other_content(tmp_path):
    write(tmp_path, [0, 1], "qa.jsonl")
    with pytest.raises(ValueError, match=r"qa.jsonl is corrupt"):
        datasets.load("safety", root=tmp_path)
    assert len(datasets.load("safety", root=tmp_path, digest=False).answers) == 2


def test_absent(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"safety/qa.jsonl is absent; .* 'toy-safety', which the book makes itself"
    ):
        datasets.load("safety", root=tmp_path)


def test_real_safety():
    if not (data_folder() / "safety").exists() and "BOOK_DATA" not in os.environ:
        pytest.skip("no answers, and no $BOOK_DATA")
    data = datasets.load("safety")
    assert data.labels.bincount().tolist() == [2130, 2151]
