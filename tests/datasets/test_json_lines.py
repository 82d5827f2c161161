"""Files of JSON lines, whole and broken: what is wrong is named with its file and its line."""

import json

import pytest

from lib.datasets import json_lines

FIELDS = {"text": (), "kind": ("0", "1")}


def read(root, content, **changes):
    """What is read of a file with this content, bytes or text."""
    path = root / "set" / "mine.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    given = {"sha256": {}, "advice": "put it there"} | changes
    return json_lines.read(root, "set", "mine.jsonl", FIELDS, **given)


def line(**fields):
    return json.dumps(fields) + "\n"


@pytest.mark.parametrize("kind", ["1", 1, True, 1.0, " 1 "])
def test_columns(tmp_path, kind):
    assert read(tmp_path, line(text=" a ", kind=0, other=[1]) + line(kind=kind, text="b")) == [[" a ", "b"], ["0", "1"]]


def test_only_a_line_feed_ends_a_line(tmp_path):
    """Characters at which str.splitlines would cut stay inside a text, as JSON allows them to."""
    text = "a\u2028b\x85c"
    content = json.dumps({"text": text, "kind": 0}, ensure_ascii=False)
    assert read(tmp_path, f"{content}\r\n\n{content}") == [[text, text], ["0", "0"]]


def test_a_mark_of_byte_order_is_no_text(tmp_path):
    assert read(tmp_path, b"\xef\xbb\xbf" + line(text="a", kind=0).encode())[0] == ["a"]


GOOD = line(text="a", kind=0) + "\n"  # two lines, one of them blank


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ('{"text": "a", ', r"is no JSON"),
        ("[" * 100_000, r"is no JSON"),
        ("[1, 2]", r"holds no object but \[1, 2\]"),
        ('{"kind": 1}', r"has no field 'text', but 'kind'"),
        ("{}", r"has no field 'text', but none"),
        (line(text="  ", kind=1), r"^text = '  ' in"),
        (line(text=None, kind=1), r"^text = None in"),
        (line(text=3, kind=1), r"^text = 3 in"),
        (line(text="a", kind=2), r"^kind = 2 in"),
        (line(text="a", kind="yes"), r"^kind = 'yes' in"),
        (line(text="a", kind=0.5), r"^kind = 0.5 in"),
        (line(text="a", kind=None), r"^kind = None in"),
        ('{"text": "a", "kind": NaN}', r"^kind = nan in"),
        (line(text="a\ud800b", kind=1), r"text in .* holds no character at place 1"),
    ],
)
def test_a_bad_line_is_named(tmp_path, bad, words):
    with pytest.raises(ValueError, match=words) as raised:
        read(tmp_path, GOOD + bad)
    assert f"line 3 of {tmp_path}/set/mine.jsonl" in str(raised.value)
    assert "allowed: one JSON object a line, with 'text' (a text), 'kind' (0 or 1)" in str(raised.value)


@pytest.mark.parametrize("content", ["", "\n  \n"])
def test_no_lines(tmp_path, content):
    with pytest.raises(ValueError, match=r"mine.jsonl has no lines; allowed: one JSON object a line"):
        read(tmp_path, content)


def test_other_bytes(tmp_path):
    with pytest.raises(ValueError, match=r"mine.jsonl is no text in UTF-8 \(invalid start byte at byte"):
        read(tmp_path, b"\xff\xfe" + GOOD.encode())


def test_digest(tmp_path):
    with pytest.raises(ValueError, match=r"mine.jsonl is corrupt: its sha256 is"):
        read(tmp_path, GOOD, sha256={"mine.jsonl": "0" * 64})


def test_absent(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"set/mine.jsonl is absent; put it there"):
        json_lines.read(tmp_path, "set", "mine.jsonl", FIELDS, sha256={}, advice="put it there")


def test_what_the_system_refuses(tmp_path):
    (tmp_path / "set").mkdir()
    with pytest.raises(ValueError, match=r"a{300} cannot be read \(File name too long\); put it there"):
        json_lines.read(tmp_path, "set", "a" * 300, FIELDS, sha256={}, advice="put it there")


@pytest.mark.parametrize("file", ["", " ", "../mine.jsonl", "a/b", "a\0b", 3, None])
def test_a_file_is_a_name(tmp_path, file):
    with pytest.raises(ValueError, match=r"^file = .* is not the name of a file; allowed: one such as"):
        json_lines.read(tmp_path, "set", file, FIELDS, sha256={}, advice="put it there")
