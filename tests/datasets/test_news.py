"""News from a reader's own file; the form is checked in test_json_lines.py."""

import json
import os

import pytest

from lib import datasets
from lib.paths import data_folder


def write(root, name="mine.jsonl", rows=({"document": "A. B.", "summary": "C.", "id": 7},)):
    path = root / "news" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_own_file(tmp_path):
    write(tmp_path)
    assert datasets.load("news", root=tmp_path, file="mine.jsonl") == (("A. B.",), ("C.",))


def test_known_name_with_other_content(tmp_path):
    write(tmp_path, "xsum.jsonl")
    with pytest.raises(ValueError, match=r"xsum.jsonl is corrupt: .* or pass digest=False"):
        datasets.load("news", root=tmp_path)
    assert datasets.load("news", root=tmp_path, digest=False).summaries == ("C.",)


def test_empty_summary(tmp_path):
    write(tmp_path, rows=[{"document": "A.", "summary": "B."}, {"document": "A.", "summary": ""}])
    with pytest.raises(ValueError, match=r"^summary = '' in line 2 of .*/news/mine.jsonl; allowed"):
        datasets.load("news", root=tmp_path, file="mine.jsonl")


def test_absent(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"news/xsum.jsonl is absent; put a file .* 'toy-news', which the book makes"
    ):
        datasets.load("news", root=tmp_path)


def test_real_news():
    if not (data_folder() / "news").exists() and "BOOK_DATA" not in os.environ:
        pytest.skip("no news, and no $BOOK_DATA")
    data = datasets.load("news")
    assert len(data.documents) == len(data.summaries) == 3122
    assert 100 < sum(map(len, data.summaries)) / 3122 < 150  # one sentence each
