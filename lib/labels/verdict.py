"""The verdict on a table of labels in words: the headline, why, how sure, and how many rows more would decide.

Plain Python for the notebook and the page. Checked by tests/labels/test_judged_verdict.py.
"""

from lib.theory import judge

HEADLINES = {
    judge.BELOW: "Helps: below the breakdown point.",
    judge.ABOVE: "Harms: above the breakdown point.",
    judge.UNDECIDED: "Cannot say with so few rows.",
    judge.NOTHING: "Nothing is kept: there is nothing to learn from.",
}
# of more than two classes: each for itself, whatever the rates of all together
OF_CLASSES = {judge.BELOW: "Helps: every class keeps its label.", judge.ABOVE: "Harms: a class is lost."}
EMPTY = "Cannot say: in a class nothing is kept."


def said(names: list, kept: list, dropped: list, confidence: float) -> dict:
    """The verdict on two square tables of counts, and its sentences.

    Two classes are judged by the share of wrong labels among all that is kept, more by each class for itself; a generated label
    that is never a true one is no class. Args as for :func:`lib.theory.judge.classes`, and the ``names`` of the classes. Returns
    a dict: "verdict", a code of :mod:`lib.theory.judge`; "headline"; "texts"; "audit" and "classes", what the judge found of all
    rows and of each class; "true", for each class whether any row has it as its true label.
    """
    own, own_dropped = [sum([table[k][k] for k in range(len(table))]) for table in (kept, dropped)]
    every, every_dropped = [sum([sum(row) for row in table]) for table in (kept, dropped)]
    audit = judge.audit(own, own_dropped, every - own, every_dropped - own_dropped, confidence)
    of_classes = judge.classes(kept, dropped, confidence)
    true = [each.p.of > 0 for each in of_classes]
    there = [(name, each.verdict) for name, each, is_true in zip(names, of_classes, true) if is_true]
    verdict = audit.verdict if len(kept) == 2 else _of_all(audit, [code for _, code in there])
    by_code = {code: [name for name, found in there if found == code] for code in HEADLINES}
    headline = HEADLINES[verdict]
    if len(kept) == 2 or verdict == judge.NOTHING:
        texts = _of_two(audit, confidence)
    else:
        headline = OF_CLASSES.get(verdict, headline)
        if verdict == judge.UNDECIDED and not by_code[judge.UNDECIDED]:
            headline = EMPTY
        texts = _of_more(verdict, by_code, judge.more_rows_of_all(kept, dropped, confidence))
        texts.append(
            f"Of the kept labels a share of {share(audit.wrong_among_kept)} is wrong; for more than two classes the majority of "
            "each class decides, not this share."
        )
    if verdict != judge.NOTHING and by_code[judge.NOTHING]:
        texts.append(f"Of {listed(by_code[judge.NOTHING])} nothing is kept: no row teaches it.")
    strangers = [name for name, is_true in zip(names, true) if not is_true]
    if strangers:
        texts.append(f"{listed(strangers)}: generated, and never a true label, so no class to be learnt.")
    return {
        "verdict": verdict,
        "headline": headline,
        "texts": texts,
        "audit": audit,
        "classes": of_classes,
        "true": true,
    }


def listed(names: list) -> str:
    """Names of classes in a sentence: five at most."""
    shown = [f"“{name[:40]}”" for name in names[:5]]
    return ", ".join(shown) + (f" and {len(names) - 5} more classes" if len(names) > 5 else "")


def share(interval: judge.Interval) -> str:
    """A share and the ends of its interval, or that there is nothing to count."""
    if interval.value is None:
        return "nothing to count"
    return f"{interval.value:.4f} ({interval.low:.4f} to {interval.high:.4f})"


def _of_all(audit, codes):
    """Of more than two classes: below where all are, above where one is."""
    if audit.verdict == judge.NOTHING:
        return judge.NOTHING
    if judge.ABOVE in codes:
        return judge.ABOVE
    return judge.BELOW if all([code == judge.BELOW for code in codes]) else judge.UNDECIDED


def _of_two(audit, confidence):
    if audit.verdict == judge.NOTHING:
        return ["The verifier keeps no row of this table."]
    text = f"Of the kept labels a share of {share(audit.wrong_among_kept)} is wrong"
    if audit.verdict == judge.UNDECIDED:
        return [f"{text}: one half lies inside the interval.", _more(audit.more_rows), _chance(audit)]
    words = {
        judge.BELOW: "fewer than half, so p lies below p*: with enough data the theorem, where it applies, promises a "
        "perfect model",
        judge.ABOVE: "more than half, so p lies above p*: with enough data the theorem, where it applies, predicts the "
        "opposite of the truth",
    }
    risk = 0.5 * (1.0 - confidence)
    return [
        f"{text}: {words[audit.verdict]}.",
        f"This verdict is false in at most {100 * risk:.3g} of 100 tables, whatever the truth. " + _chance(audit),
    ]


def _of_more(verdict, by_code, more):
    if verdict == judge.BELOW:
        return ["In every class the right label is the most frequent one among the kept rows, beyond chance."]
    if verdict == judge.ABOVE:
        lost = listed(by_code[judge.ABOVE])
        return [
            f"In {lost} a wrong label is more frequent among the kept rows than the right one, beyond chance: a model learns it."
        ]
    if not by_code[judge.UNDECIDED]:
        return ["Every class with kept rows keeps its label, beyond chance."]
    open_ones = listed(by_code[judge.UNDECIDED])
    text = f"No class is lost beyond chance, but not every one is safe: {open_ones} may lie on either side."
    if more is None and by_code[judge.NOTHING]:
        return [text, "More rows of this kind would not decide, while in a class nothing is kept."]
    return [text, _more(more)]


def _more(number):
    """How many rows more are needed; None is no number."""
    if number is None:
        return "No number of rows that can be stated would decide: a share is too near one half."
    return (
        f"If the shares stay as they are, {max(1, number)} more rows of this kind would decide in four tables of five."
    )


def _chance(audit):
    chance = audit.probability_below
    shown = "more than 0.9999" if chance > 0.9999 else "less than 0.0001" if chance < 0.0001 else f"{chance:.4f}"
    return f"If all shares were equally likely before, the chance that p lies below p* is {shown}."
