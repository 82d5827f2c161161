"""Answers to questions, labelled safe or unsafe, as JSON lines."""

from pathlib import Path

import torch

from lib import arguments
from lib.datasets import json_lines
from lib.datasets.containers import Answers, check_labels

SHA256 = {"qa.jsonl": "6f7b4d834c851989b8ee2369053c6084a6c2e31befda0703537f1516a2c908b1"}
ADVICE = (
    "put a file of JSON lines there, one answer a line with the texts 'prompt' and 'response' and 'is_safe', 0 or 1, "
    "or choose the data set 'toy-safety', which the book makes itself"
)


def load(root: Path, *, file: str = "qa.jsonl", digest: bool = True) -> Answers:
    """Questions, answers and labels (N,), 1 where the answer is safe: 4281 in the known file, half of them unsafe.

    Parameters
    ----------
    root : path
        The file is ``root/safety/<file>``.
    file : str
        One JSON object a line, with the texts "prompt" and "response", and "is_safe": 0 or 1, as a number, a text or a truth
        value. Other fields are ignored.
    digest : bool
        True: the known file must have the known sha256. False: it needs only the form.

    Notes
    -----
    The texts of the known file are offensive. Raises FileNotFoundError if the file is absent, ValueError, with file and line, if
    a line is of another form or has another label, and where one of the two labels does not occur. Source: a part of
    PKU-SafeRLHF, Ji et al., "BeaverTails", 2023. Checked by tests/datasets/test_safety.py.
    """
    known = SHA256 if arguments.flag("digest", digest) else {}
    fields = {"prompt": (), "response": (), "is_safe": ("0", "1")}
    questions, answers, safe = json_lines.read(root, "safety", file, fields, sha256=known, advice=ADVICE)
    labels = torch.tensor([int(each) for each in safe])
    check_labels(f"{Path(root) / 'safety' / file}, is_safe,", labels, 2)
    return Answers(tuple(questions), tuple(answers), labels)
