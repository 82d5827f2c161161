"""A reader's own labels: from a table of (label, generated label, kept) to p, phi, psi and the theorem's verdict."""

import csv
import io
from collections import namedtuple
from pathlib import Path

from scipy.stats import binomtest

COLUMNS = ("label", "generated", "kept")
KEPT = {"1": True, "true": True, "0": False, "false": False}
Interval = namedtuple("Interval", ("value", "low", "high", "of"))
Audit = namedtuple("Audit", ("p", "phi", "psi", "wrong_among_kept", "verdict"))


def read_labels(path: str | Path) -> tuple[list[str], list[str], list[bool]]:
    """Read a CSV file with the columns label, generated and kept.

    label and generated hold the same two classes, any two words; kept holds 0, 1, false or true. Returns the three columns.
    Raises ValueError naming the file, and the row and value where there is one, for a missing file or column, a third
    class, another word under kept, an empty cell, a table without rows, and text that is not UTF-8.
    Checked by tests/test_label_audit.py.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"data = {str(path)!r} is no file; allowed: a CSV file with the columns {', '.join(COLUMNS)}")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path.name}, byte {error.start}: {error.object[error.start]:#04x} is no UTF-8; allowed: UTF-8 text"
        ) from error
    with io.StringIO(text, newline="") as file:
        reader = csv.DictReader(file)
        missing = [column for column in COLUMNS if column not in (reader.fieldnames or [])]
        if missing:
            raise ValueError(f"{path.name} lacks the column {missing[0]!r}; allowed: {', '.join(COLUMNS)}")
        label, generated, kept, classes = [], [], [], []
        for row in reader:
            for column in ("label", "generated"):
                value = (row[column] or "").strip()
                if value and value not in classes:
                    classes.append(value)
                if not value or len(classes) > 2:
                    raise ValueError(f"{path.name}, row {reader.line_num}: {column} = {value!r}; allowed: two classes")
            word = (row["kept"] or "").strip().lower()
            if word not in KEPT:
                raise ValueError(f"{path.name}, row {reader.line_num}: kept = {word!r}; allowed: {', '.join(KEPT)}")
            label.append(row["label"].strip())
            generated.append(row["generated"].strip())
            kept.append(KEPT[word])
    if not label:
        raise ValueError(f"{path.name} has no rows; allowed: at least one")
    return label, generated, kept


def interval(hits: int, of: int, confidence: float = 0.95) -> Interval:
    """A share of a count with its exact (Clopper-Pearson) confidence interval; nan in [0, 1] when there is nothing to count.

    Checked by tests/test_label_audit.py::test_coverage.
    """
    if of == 0:
        return Interval(float("nan"), 0.0, 1.0, 0)
    exact = binomtest(hits, of).proportion_ci(confidence, method="exact")
    return Interval(hits / of, float(exact.low), float(exact.high), of)


def estimate(label: list[str], generated: list[str], kept: list[bool], confidence: float = 0.95) -> Audit:
    """p, phi and psi with confidence intervals, the share of wrong labels among the kept, and the theorem's verdict.

    The label error is below the breakdown point if and only if fewer than half of the kept labels are wrong (Theorem 3.2:
    p < p_star means (1-p) phi > p psi). So the verdict rests on that one share: "below" or "above" when its interval
    excludes one half, else "undecided". Raises ValueError if the columns differ in length or nothing is kept.
    Checked by tests/test_label_audit.py.
    """
    if not len(label) == len(generated) == len(kept):
        raise ValueError(f"columns have {len(label)}, {len(generated)}, {len(kept)} rows; allowed: as many in each")
    right = [a == b for a, b in zip(label, generated, strict=True)]
    kept_right = sum(r and k for r, k in zip(right, kept, strict=True))
    kept_wrong = sum(kept) - kept_right
    if kept_right + kept_wrong == 0:
        raise ValueError("kept rows = 0 is outside [1, inf): nothing to learn from")
    wrong = interval(kept_wrong, kept_right + kept_wrong, confidence)
    verdict = "below" if wrong.high < 0.5 else "above" if wrong.low > 0.5 else "undecided"
    number_right = sum(right)
    return Audit(
        interval(len(right) - number_right, len(right), confidence),
        interval(kept_right, number_right, confidence),
        interval(kept_wrong, len(right) - number_right, confidence),
        wrong,
        verdict,
    )
