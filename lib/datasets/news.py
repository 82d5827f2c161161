"""News articles with a summary of one sentence each, as JSON lines."""

from pathlib import Path

from lib import arguments
from lib.datasets import json_lines
from lib.datasets.containers import Articles

SHA256 = {"xsum.jsonl": "679ec4884e57821a7fb9a3433a3a2d129d24f975d83eeba2e257a820beb2372c"}
ADVICE = (
    "put a file of JSON lines there, one article a line with the texts 'document' and 'summary', "
    "or choose the data set 'toy-news', which the book makes itself"
)


def load(root: Path, *, file: str = "xsum.jsonl", digest: bool = True) -> Articles:
    """Articles and their summaries: 3122 of the BBC in the known file.

    Parameters
    ----------
    root : path
        The file is ``root/news/<file>``.
    file : str
        One JSON object a line, with the texts "document" and "summary"; other fields are ignored.
    digest : bool
        True: the known file must have the known sha256. False: it needs only the form.

    Notes
    -----
    Raises FileNotFoundError if the file is absent (the book has no right to ship it), ValueError, with file and line, if a line
    is of another form. Source: a part of XSum, Narayan, Cohen, Lapata, "Don't Give Me the Details, Just the Summary!", 2018; Feng
    et al. use the English part of XL-Sum, which is of the same kind. Checked by tests/datasets/test_news.py.
    """
    known = SHA256 if arguments.flag("digest", digest) else {}
    fields = {"document": (), "summary": ()}
    documents, summaries = json_lines.read(root, "news", file, fields, sha256=known, advice=ADVICE)
    return Articles(tuple(documents), tuple(summaries))
