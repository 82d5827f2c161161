"""Random arguments of the judge of labels, to run it under MicroPython: each function draws one set from its generator."""

from micropython_draws import real, whole


def share_of(rng):
    of = whole(1, 10**6)(rng)
    return {"hits": int(rng.integers(0, of + 1)), "of": of}


def tail(rng):
    counted = share_of(rng)
    near = counted["hits"] / counted["of"] + rng.normal() / counted["of"] ** 0.5
    return {**counted, "share": float(min(1, max(0, near)))}


def interval(rng):
    return {**share_of(rng), "confidence": real(0.5, 0.999)(rng)}


def four_counts(rng):
    names = ("right_kept", "right_dropped", "wrong_kept", "wrong_dropped")
    return {**{name: whole(1, 3000)(rng) for name in names}, "confidence": real(0.5, 0.999)(rng)}


def some_rows(rng):
    kept = whole(1, 2000)(rng)
    wrong = int(kept * rng.uniform(0, 0.45))
    return {"wrong": wrong, "kept": kept, "rows": kept + whole(1, 2000)(rng), "confidence": real(0.5, 0.99)(rng)}


def two_tables(rng):
    size = int(rng.integers(2, 5))
    return {name: rng.integers(1, 60, size=(size, size)).tolist() for name in ("kept", "dropped")}


def classes(rng):
    return {**two_tables(rng), "confidence": real(0.5, 0.999)(rng)}


def scores(rng):
    """Groups of scores that differ, in rising order."""
    steps = rng.uniform(0.1, 1, size=int(rng.integers(2, 9))).cumsum()
    groups = [[float(score), *rng.integers(0, 40, size=2).tolist()] for score in steps]
    groups[-1][1] += 1
    return {"scores": groups, "confidence": real(0.5, 0.999)(rng)}


def any_size(rng):
    return {**some_rows(rng), "missed": real(0.01, 0.4)(rng), "varies": bool(rng.random() < 0.5)}


def said(rng):
    return {"names": ["a", "b", "c", "d"], **classes(rng)}


def side(rng):
    return {"wrong": {"$result": ["binomial.interval", interval(rng)]}}


def best(rng):
    return {"points": {"$result": ["judge.thresholds", scores(rng)]}}


def drawn_curve(rng):
    return {**best(rng), "p": real(0, 1)(rng)}


def stated(rng):
    return {
        "n": whole(1, 1000)(rng) - 1,
        "m": whole(1, 10**4)(rng) - 1,
        "dimension": whole(1, 1000)(rng),
        "mu_norm": real(0, 4)(rng),
        "gamma": real(0.01, 10)(rng),
        "confidence": real(0.6, 0.999)(rng),
    }


def labels(rng):
    """The counts of a table as the reader gives them, names that look like markup among its classes."""
    counted = two_tables(rng)
    names = ["a|b", "<b>", "größer", "1"][: len(counted["kept"])]
    groups = scores(rng)["scores"] if rng.random() < 0.5 else []
    return {
        "source": "mine.csv",
        "labels": {**counted, "classes": names, "scores": groups, "notes": ["a note"]},
        "stated": stated(rng),
    }


def parts(rng):
    rows = [["a|b", "1"]] * int(rng.integers(1, 4))
    return {"parts": [["heading", "A *head*"], ["text", "words"], ["table", ["", "x_1"], rows]]}


def header(rng):
    cells = [" Label", "generated", "KEPT", "score", "note"][: int(rng.integers(3, 6))]
    found = [[sign, cells if sign == ";" else [";".join(cells)]] for sign in (",", ";", "\t", "|")]
    return {
        "name": "mine.csv",
        "headers": found,
        "names": {"kept": "note"} if rng.random() < 0.3 and len(cells) == 5 else {},
    }


def groups(rng):
    found = []
    for row in range(int(rng.integers(2, 9))):
        words = [str(rng.choice(["cat", "1.0", "+1", " YES", "größer"])) for _ in range(2)]
        found.append([*words, str(rng.choice(["1", "0.0", "1.00"])), row + 2, whole(1, 99)(rng)])
    return {"name": "mine.csv", "groups": [["cat", "cat", "1", 1, 1], ["dog", "cat", "0", 1, 2], *found]}


def complaint(rng):
    kinds = ["cells", "quote", "text", "nul", "zip", "score", "count", "rows", "groups", "many"]
    return {"name": "mine.csv", "kind": str(rng.choice(kinds)), "line": whole(1, 99)(rng), "found": "4", "wanted": "3"}


def cell(rng):
    return str(
        rng.choice(["1.0", "+1", "-1.00", " yes ", "TRUE", "1e3", "1.5", "e", "+-1", "1_0", "\u0661", "größer", ""])
    )


INPUTS = {
    "binomial.interval": interval,
    "binomial.lower_tail": tail,
    "judge.audit": four_counts,
    "judge.best": best,
    "judge.bits": two_tables,
    "judge.classes": classes,
    "judge.more_rows_of_all": classes,
    "judge.side": side,
    "judge.thresholds": scores,
    "judge_size.more": any_size,
    "labels.cells.alike": lambda rng: {"classes": [cell(rng) for _ in range(int(rng.integers(1, 9)))]},
    "labels.cells.before_header": lambda rng: {"row": [cell(rng), str(rng.choice(["", "sep=;", " "]))]},
    "labels.cells.choose": header,
    "labels.cells.complaint": complaint,
    "labels.cells.meaning": groups,
    "labels.cells.plain": lambda rng: {"cell": cell(rng)},
    "labels.cells.quoted": lambda rng: {"text": cell(rng)},
    "labels.cells.stripped": lambda rng: {"cell": cell(rng)},
    "labels.curve.drawable": best,
    "labels.curve.svg": drawn_curve,
    "labels.report.markdown": parts,
    "labels.report.number": lambda rng: {"value": float(rng.normal() * 10.0 ** rng.integers(-20, 20))},
    "labels.report.report": labels,
    "labels.report.settings": stated,
    "labels.verdict.listed": lambda rng: {"names": [cell(rng) for _ in range(int(rng.integers(1, 9)))]},
    "labels.verdict.said": said,
    "labels.verdict.share": lambda rng: {"interval": {"$result": ["binomial.interval", interval(rng)]}},
}
