"""The report on a table of labels: the verdict in words, the rates, the classes, what ridge would reach, bits, and a
verifier's threshold.

Plain Python for both worlds: the notebook shows it as Markdown, the page makes elements of the same parts. A part is
["heading", text], ["text", text] or ["table", head, rows]. Checked by tests/labels/test_report.py.
"""

import math

from lib.labels import verdict
from lib.theory import checks, judge
from lib.theory.random_matrices.ridge import ridge

WORDS = {judge.BELOW: "helps", judge.ABOVE: "harms", judge.UNDECIDED: "cannot say", judge.NOTHING: "nothing kept"}
SETTINGS = {
    "n": (0, 10**9),
    "m": (0, 10**9),
    "dimension": (1, 10**9),
    "mu_norm": (0, 100),
    "gamma": (1e-6, 1e6),
    "confidence": (0.5, 0.9999),
}


def settings(*, n: int, m: int, dimension: int, mu_norm: float, gamma: float, confidence: float) -> dict:
    """What the reader states, checked: a dict by name.

    n, m in [0, 1e9], real rows and generated ones before the verifier; dimension in [1, 1e9]; mu_norm in [0, 100], half the
    distance of the class means in standard deviations; gamma in [1e-6, 1e6], the ridge; confidence in [0.5, 0.9999]. Raises
    ValueError outside.
    """
    found = {
        name: checks.integer(name, x, *SETTINGS[name]) for name, x in (("n", n), ("m", m), ("dimension", dimension))
    }
    for name, x in (("mu_norm", mu_norm), ("gamma", gamma), ("confidence", confidence)):
        found[name] = checks.real(name, x, *SETTINGS[name])
    return found


def report(source: str, labels: dict, stated: dict) -> dict:
    """Everything that the judge says of a table.

    Args: ``source``, in words; ``labels``, a dict with the fields of :class:`lib.labels.table.Labels`; ``stated``, what
    :func:`settings` returns. Returns a dict: "verdict", a code of :mod:`lib.theory.judge`; "headline"; "parts"; "markdown",
    all of it as one text; "points" and "best", the thresholds of a score column (empty and None without one; more
    than two classes have no best one); "csv", these as
    a table.
    """
    kept, dropped, confidence = labels["kept"], labels["dropped"], stated["confidence"]
    names, several = labels["classes"], len(kept) > 2
    found = verdict.said(names, kept, dropped, confidence)
    audit = found["audit"]
    points = judge.thresholds(labels["scores"], confidence) if labels["scores"] else []
    best = judge.best(points) if points and not several else None
    rows, every = audit.p.of, audit.wrong_among_kept.of
    parts = [["heading", found["headline"]]]
    parts += [["text", text] for text in found["texts"]]
    parts.append(
        ["text", f"From {source}: {rows} rows, {every} kept" + "".join([f"; {note}" for note in labels["notes"]]) + "."]
    )
    parts += _rates(audit, confidence)
    parts += _classes(names, found["classes"], found["true"])
    parts += _ridge(audit, len(kept), stated)
    parts += _bits(judge.bits(kept, dropped))
    parts += _threshold(best, points, rows, confidence)
    return {
        "verdict": found["verdict"],
        "headline": found["headline"],
        "parts": parts,
        "markdown": markdown(parts),
        "points": points,
        "best": best,
        "csv": _csv(points),
    }


def markdown(parts: list) -> str:
    """The parts of a report as one text in Markdown; what could be markup in a class's name is not."""
    lines = []
    for kind, *content in parts:
        if kind == "table":
            head, rows = content
            lines += ["\n".join(["| " + " | ".join([_escaped(cell) for cell in row]) + " |" for row in [head]])]
            lines[-1] += "\n|" + "---|" * len(head)
            lines[-1] += "".join(["\n| " + " | ".join([_escaped(cell) for cell in row]) + " |" for row in rows])
        else:
            lines.append(("### " if kind == "heading" else "") + _escaped(content[0]))
    return "\n\n".join(lines) + "\n"


def _rates(audit, confidence):
    named = (
        ("label error p", audit.p),
        ("right labels kept, phi", audit.phi),
        ("wrong labels kept, psi", audit.psi),
        ("wrong among the kept", audit.wrong_among_kept),
        ("breakdown point p* = phi / (phi + psi)", audit.p_star),
        ("margin of safety p* - p", audit.margin),
    )
    rows = [[name, _number(x.value), f"{x.low:.4f} to {x.high:.4f}" if x.of else "", str(x.of)] for name, x in named]
    return [
        ["heading", "Rates"],
        ["table", ["", "estimate", f"{100 * confidence:.4g} % interval", "counted on"], rows],
    ]


def _classes(names, of_classes, true):
    rows = []
    for name, each, is_true in zip(names, of_classes, true):
        if not is_true:
            continue
        rival = "none" if each.rival is None else names[each.rival]
        rows.append(
            [name]
            + [_number(x.value) for x in each[:3]]
            + [rival, verdict.share(each.rival_among_kept), WORDS[each.verdict]]
        )
    text = (
        "Where each class points in a direction of its own, a class is learnt if its right label is the most frequent "
    )
    text += "among its kept rows. "
    if len(names) == 2:
        p_star = _four_rates(of_classes)
        text += "phi and psi of the classes are the theorem's phi_0, phi_1, psi_01 and psi_10" + (
            f"; with classes of equal size and equal error its breakdown point is {p_star:.4f}."
            if p_star is not None
            else "."
        )
    else:
        text += "For more than two classes this is the book's extension of the theorem. Verdicts hold for all classes together."
    return [
        ["heading", "Classes"],
        ["table", ["true class", "p", "phi", "psi", "strongest wrong label", "its share among both", "verdict"], rows],
        ["text", text],
    ]


def _four_rates(of_classes):
    """p* by eq. 14-16 with the four rates: (phi_0 + phi_1) / (phi_0 + phi_1 + psi_01 + psi_10)."""
    right, wrong = [[each.phi.value for each in of_classes], [each.psi.value for each in of_classes]]
    if None in right + wrong or sum(right) + sum(wrong) == 0.0:
        return None
    return sum(right) / (sum(right) + sum(wrong))


def _ridge(audit, number, stated):
    if number > 2:
        return [["heading", "Ridge"], ["text", "The formula of ridge has two classes; for more the book has none."]]
    n, m = stated["n"], stated["m"]
    size = {"p": stated["dimension"], "n_hat": math.inf, "mu_norm": stated["mu_norm"], "gamma": stated["gamma"]}
    rates = [[getattr(x, end) for x in (audit.p, audit.phi, audit.psi)] for end in ("value", "low", "high")]
    (p, phi, psi), low, high = [[0.0 if x is None else x for x in row] for row in rates]
    corners = (
        ("at the estimates", p, phi, psi),
        ("at the worse ends", high[0], low[1], high[2]),
        ("at the better ends", low[0], high[1], low[2]),
    )
    rows = [["real rows alone", _accuracy(n, 0, 0.0, 1.0, 1.0, size)]] if n else []
    if m:
        rows += [
            [f"with the kept of the generated rows, {name}", _accuracy(n, m, *rest, size)] for name, *rest in corners
        ]
    if not rows:
        return [["heading", "Ridge"], ["text", "Without real and generated rows there is nothing to train on."]]
    text = f"Accuracy of ridge on {n} real rows and {m} generated ones before the verifier, in dimension {stated['dimension']}, "
    text += (
        f"gamma {stated['gamma']:g}, half the distance of the class means {stated['mu_norm']:g} standard deviations: "
    )
    text += "the exact limit for Gaussian classes. The ends are those of the three intervals."
    shown = [[name, "not defined: nothing is kept" if x is None else f"{x:.4f}"] for name, x in rows]
    if n and m and audit.margin.value is not None:
        gain = rows[1][1] - rows[0][1]
        word = "add" if gain > 0 else "take"
        text += f" At the estimates the generated rows {word} {abs(gain):.4f}."
        if (gain > 0) != (audit.margin.value > 0) and abs(gain) >= 0.00005:
            text += " This is not the side that the breakdown point names: with so many rows the two questions differ."
    return [["heading", "Ridge"], ["table", ["trained on", "accuracy"], shown], ["text", text]]


def _accuracy(n, m, p, phi, psi, size):
    try:
        return ridge(n=n, m=m, epsilon=p, phi=phi, psi=psi, **size).accuracy
    except ValueError:  # nothing is kept, and there is no real row
        return None


def _bits(bits):
    rows = [
        ["a generated row, before the verifier", f"{bits.before:.4f}"],
        ["a kept row", f"{bits.kept_row:.4f}"],
        ["a generated row, after the verifier", f"{bits.drawn_row:.4f}"],
    ]
    word = "costs" if bits.lost > 0 else "brings"
    return [
        ["heading", "Bits"],
        ["table", ["bits on the true label in", ""], rows],
        [
            "text",
            f"The verifier {word} {abs(bits.lost):.4f} bits a generated row. Bits have no sign: labels that are mostly wrong "
            "carry them too.",
        ],
    ]


def _threshold(best, points, rows, confidence):
    if not points:
        return []
    if best is None:
        text = (
            "For more than two classes no threshold is advised: the rates at a threshold, in the CSV, are those of all "
        )
        text += "classes together, and the threshold that is safest for all together may lose a class."
    else:
        text = (
            f"Of {len(points)} thresholds, the margin p* - p is safest if rows with a score of at least "
            f"{number(best.threshold)} are kept: {best.kept} of {rows} rows, p* = {_number(best.p_star)}, "
            f"margin {_number(best.margin)}, at least {best.margin_low:.4f} with a confidence of {confidence:g} for this one "
            "threshold. It was chosen on these rows: judge it again on others."
        )
    return [["heading", "Threshold of the score"], ["text", text]]


def number(value: float) -> str:
    """A finite number in as few digits as read back to the same number: a threshold is to be typed."""
    for digits in range(6, 18):
        text = ("{:." + str(digits) + "g}").format(value)
        if float(text) == value:
            return text
    return repr(value)


def _csv(points):
    head = "threshold,kept,wrong_among_kept,phi,psi,p_star,margin,margin_low\n"
    rows = []
    for threshold, *others in points:
        cells = ["" if x is None else f"{x:.9g}" if isinstance(x, float) else str(x) for x in others]
        rows.append(",".join([number(threshold)] + cells) + "\n")
    return head + "".join(rows)


def _number(value):
    return "nothing to count" if value is None else f"{value:.4f}"


def _escaped(text):
    for sign in ("\\", "|", "<", ">", "*", "_", "`", "[", "]", "$", "#", "{", "}"):
        text = text.replace(sign, "\\" + sign)
    return text.replace("\n", " ").replace("\r", " ")
