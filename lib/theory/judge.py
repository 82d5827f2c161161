"""The judge of a table of labels: from counts of right and wrong, kept and dropped, to p, phi, psi, p* and a verdict.

A row has a true label k, a generated label l, and was kept by a verifier or dropped. Counts come as two square tables,
``kept`` and ``dropped``, row k for the true class and column l for the generated label. All verdicts rest on exact binomial
tails of *one* share each, never on a quotient of estimates. Checked by tests/theory/test_judge.py.
"""

from collections import namedtuple

from lib.theory import checks, judge_size
from lib.theory.beyond_collapse.breakdown import breakdown_point
from lib.theory.binomial import LARGEST, Interval, interval, lower_tail
from lib.theory.usable_information import plugin_information

Audit = namedtuple(
    "Audit", ("p", "phi", "psi", "p_star", "margin", "wrong_among_kept", "probability_below", "verdict", "more_rows")
)
OfClass = namedtuple("OfClass", ("p", "phi", "psi", "rival", "rival_among_kept", "verdict"))
Bits = namedtuple("Bits", ("before", "kept_row", "drawn_row", "lost"))
Point = namedtuple("Point", ("threshold", "kept", "wrong_among_kept", "phi", "psi", "p_star", "margin", "margin_low"))

BELOW, ABOVE, UNDECIDED, NOTHING = "below", "above", "undecided", "nothing kept"
CLASSES = 50


def audit(right_kept: int, right_dropped: int, wrong_kept: int, wrong_dropped: int, confidence: float = 0.95) -> Audit:
    """p, phi, psi, p*, the margin p* - p and the verdict of Theorem 3.2 on a table of labels, from its four counts.

    The label error is below the breakdown point if and only if fewer than half of the kept labels are wrong: p < p_star means
    (1-p) phi > p psi, also with the four rates of eq. 14 (Proposition E.3, N01 + N10 < N00 + N11). So the verdict rests on
    that one share: "below" or "above" when its exact interval excludes one half, else "undecided"; "nothing kept" without a
    kept row. Whatever the truth, "below" is said in at most (1 - confidence) / 2 of all tables that are above, and the
    reverse.

    Returns an Audit: ``p``, ``phi``, ``psi``, ``wrong_among_kept`` Intervals with their exact ends, ``p_star`` and ``margin``
    Intervals whose ends hold for all shares in the ends of theirs together (each with a part of 1 - confidence, so that they
    cover at least as often as it says; their ``of`` is the number of rows, their value None where nothing is kept);
    ``probability_below``, the chance that p < p_star if before the table every share of wrong labels among the kept was
    equally likely; ``more_rows``, :func:`lib.theory.judge_size.more` for an undecided verdict, where the number of kept ones
    among them varies too, else 0, or None where no number of rows is known. Counts in [0, 1e9] and at most that together, not
    all 0; confidence in (0, 1). Raises ValueError outside. Checked by tests/theory/test_judge.py and, against draws, in notebook
    synthesis/02-your-data.
    """
    names = ("right_kept", "right_dropped", "wrong_kept", "wrong_dropped")
    counts = (right_kept, right_dropped, wrong_kept, wrong_dropped)
    a, b, c, d = [checks.integer(name, count, 0, LARGEST) for name, count in zip(names, counts)]
    rows = checks.integer(
        "the sum of right_kept, right_dropped, wrong_kept and wrong_dropped", a + b + c + d, 1, LARGEST
    )
    p, phi, psi, among = [interval(*pair, confidence) for pair in ((c + d, rows), (a, a + b), (c, c + d), (c, a + c))]
    verdict = side(among)
    return Audit(
        p,
        phi,
        psi,
        _border(a, b, c, d, among.of, _part(confidence, 2)),
        _margin(a, b, c, d, _part(confidence, 3)),
        among,
        lower_tail(a, a + c + 1, 0.5) if a + c < LARGEST else 1.0 * (a > c),
        verdict,
        judge_size.more(c, a + c, rows, confidence, judge_size.MISSED, True) if verdict == UNDECIDED else 0,
    )


def side(wrong: Interval) -> str:
    """On which side of one half the interval of a share lies: "below", "above" or "undecided"; "nothing kept" if it counts none.

    Args: ``wrong``, an Interval of :func:`lib.theory.binomial.interval`. Raises ValueError for anything else.
    Checked by tests/theory/test_judge.py::test_verdict.
    """
    if not isinstance(wrong, Interval):
        raise ValueError(f"wrong = {checks.shown(wrong)} is not an Interval; allowed: what interval returns")
    if wrong.of == 0:
        return NOTHING
    if wrong.high < 0.5:
        return BELOW
    return ABOVE if wrong.low > 0.5 else UNDECIDED


def classes(kept: list, dropped: list, confidence: float = 0.95) -> list:
    """The rates of every true class, and on which side of its own majority it lies; a list of OfClass.

    ``p``, ``phi`` and ``psi`` of the rows of class k (for two classes phi_0, phi_1, psi_01 and psi_10 of eq. 14-15);
    ``rival``, the wrong label that most kept rows of class k have, None if none has one; ``rival_among_kept``, its share among
    the kept rows of class k with either label. Where classes point in orthogonal directions (Proposition E.4, b = 0) class k
    is learnt if and only if its own label is more frequent than each other among its kept rows; the proposition has two
    classes, more are our extension. The verdicts hold for all classes and rivals together: each gets its part of 1 -
    confidence.

    Args: two square tables of counts of 2 to 50 classes, whole numbers in [0, 1e9], at most that together. Raises ValueError
    outside. Checked by tests/theory/test_judge.py::test_classes_counted_by_hand.
    """
    kept, dropped = _tables(kept, dropped)
    number = len(kept)
    strict = _part(confidence, number * (number - 1))
    found = []
    for k in range(number):
        own, own_dropped = kept[k][k], dropped[k][k]
        wrong = sum(kept[k]) - own
        all_wrong = wrong + sum(dropped[k]) - own_dropped
        rivals = [(kept[k][j], -j) for j in range(number) if j != k]
        most, place = max(rivals)
        among = interval(most, most + own, strict)
        found.append(
            OfClass(
                interval(all_wrong, all_wrong + own + own_dropped, confidence),
                interval(own, own + own_dropped, confidence),
                interval(wrong, all_wrong, confidence),
                -place if most else None,
                among,
                side(among),
            )
        )
    return found


def more_rows_of_all(kept: list, dropped: list, confidence: float = 0.95) -> int:
    """How many rows more would decide on a table of several classes in four tables of five, if the shares stay as they are.

    Where a wrong label leads in some class, the rows that find one class lost; else those with which every class keeps its own
    label, each of the M comparisons with a wrong label that is there being missed in 0.2 / M of all tables at most (Bonferroni's
    bound). How many of the rows fall to a class varies too. None where no number decides: at a tie, or where a class has
    true rows and no kept one. Args as for :func:`classes`.
    Checked by tests/theory/test_judge_size.py, which draws tables of that size.
    """
    kept, dropped = _tables(kept, dropped)
    number, rows = len(kept), sum([sum(row) for table in (kept, dropped) for row in table])
    strict = _part(confidence, number * (number - 1))
    found, lost, compared, empty = [], [], 0, False
    for k in range(number):
        wrong = [kept[k][j] for j in range(number) if j != k]
        most, own = max(wrong), kept[k][k]
        if most + own:
            (lost if most > own else found).append((most, most + own))
            compared += max(1, len([count for count in wrong if count]))
        elif sum(dropped[k]):
            empty = True
    if lost:
        sizes = [judge_size.more(*pair, rows, strict, judge_size.MISSED, True) for pair in lost]
        sizes = [size for size in sizes if size is not None]
        return min(sizes) if sizes else None
    sizes = [judge_size.more(*pair, rows, strict, judge_size.MISSED / compared, True) for pair in found]
    return None if empty or None in sizes or not sizes else max(sizes)


def bits(kept: list, dropped: list) -> Bits:
    """Information between true and generated label in bits: per row before the verifier, per kept row, per drawn row after it.

    ``before`` is I(true; generated) of all rows, ``kept_row`` that of the kept ones, ``drawn_row`` this times the share kept,
    and ``lost = before - drawn_row``, what dropping rows costs in all. Estimates of the source with Miller and Madow's
    correction (:func:`lib.theory.usable_information.plugin_information`), not below 0; 0 where nothing is kept. Information
    has no sign: labels that are wrong more often than right carry it too. Args as for :func:`classes`. Checked by
    tests/theory/test_judge.py::test_bits_of_symmetric_channels.
    """
    kept, dropped = _tables(kept, dropped)
    every = [[a + b for a, b in zip(*pair)] for pair in zip(kept, dropped)]
    number, of = sum([sum(row) for row in kept]), sum([sum(row) for row in every])
    before = max(0.0, plugin_information(every).corrected)
    per_row = max(0.0, plugin_information(kept).corrected) if number else 0.0
    return Bits(before, per_row, per_row * number / of, before - per_row * number / of)


def thresholds(scores: list, confidence: float = 0.95) -> list:
    """What a verifier would do that keeps the rows with at least a certain score; a list of Point, one a threshold.

    ``scores``: [score, right, wrong] in rising order of score, counts of rows with a right and with a wrong label; the score
    of a group is its lowest. ``margin_low`` is the lower end of the margin's interval, as in :func:`audit`: 1 to 200 groups,
    counts in [0, 1e9], at most that together, not all 0. ``p_star`` and ``margin`` are None where no label is kept. Raises
    ValueError outside. Checked by tests/theory/test_judge.py::test_thresholds_are_audits.
    """
    groups = checks.listed("scores", scores, "rows of score, right, wrong")
    if not 1 <= len(groups) <= 200:
        raise ValueError(f"scores have {len(groups)} groups; allowed: 1 to 200")
    checked = []
    for i, group in enumerate(groups):
        group = checks.listed(f"scores[{i}]", group, "score, right, wrong")
        if len(group) != 3:
            raise ValueError(
                f"scores[{i}] = {checks.shown(group)} has {len(group)} numbers; allowed: score, right, wrong"
            )
        score = checks.finite(f"scores[{i}][0]", group[0])
        if checked and not score > checked[-1][0]:
            raise ValueError(f"scores[{i}][0] = {score!r} is not above {checked[-1][0]!r}; allowed: rising scores")
        right, wrong = [checks.integer(f"scores[{i}][{j}]", group[j], 0, LARGEST) for j in (1, 2)]
        checked.append((score, right, wrong))
    right, wrong = sum([group[1] for group in checked]), sum([group[2] for group in checked])
    checks.integer("the sum of all scores' counts", right + wrong, 1, LARGEST)
    strict, found = _part(confidence, 3), []
    right_kept, wrong_kept, p_high = right, wrong, interval(wrong, right + wrong, _part(confidence, 3)).high
    for score, own_right, own_wrong in checked:
        phi, psi = right_kept / right if right else 0.0, wrong_kept / wrong if wrong else 0.0
        p_star = breakdown_point(phi, psi) if right_kept + wrong_kept else None
        low, high = interval(right_kept, right, strict).low, interval(wrong_kept, wrong, strict).high
        margin = None if p_star is None else p_star - wrong / (right + wrong)
        margin_low = (low / (low + high) if low + high else 0.0) - p_high
        kept = right_kept + wrong_kept
        found.append(Point(score, kept, wrong_kept / kept if kept else None, phi, psi, p_star, margin, margin_low))
        right_kept, wrong_kept = right_kept - own_right, wrong_kept - own_wrong
    return found


def best(points: list) -> Point:
    """The Point of :func:`thresholds` with the largest ``margin_low``; of equal ones that which keeps most rows.

    The lower end and not the margin itself: a threshold that keeps one right row has p* = 1, and says nothing. Raises ValueError
    unless ``points`` are at least one Point. Checked by tests/theory/test_judge.py::test_best_threshold.
    """
    points = checks.listed("points", points, "a list of Point")
    if not points or not all([isinstance(point, Point) for point in points]):
        raise ValueError("points are not at least one Point; allowed: what thresholds returns")
    return max(points, key=lambda point: (point.margin_low, point.kept))


def _part(confidence, parts):
    """The confidence of each of so many statements that hold together with ``confidence``."""
    confidence = checks.real("confidence", confidence, 0.0, 1.0, open_low=True, open_high=True)
    return min(1.0 - 2.0**-53, 1.0 - (1.0 - confidence) / parts)


def _border(a, b, c, d, kept, confidence):
    """p* and its ends: phi low with psi high, and the reverse."""
    phi, psi = interval(a, a + b, confidence), interval(c, c + d, confidence)
    value = breakdown_point(phi.value or 0.0, psi.value or 0.0) if kept else None
    return Interval(value, _ratio(phi.low, psi.high), _ratio(phi.high, psi.low), a + b + c + d)


def _margin(a, b, c, d, confidence):
    rows = a + b + c + d
    p, border = interval(c + d, rows, confidence), _border(a, b, c, d, a + c, confidence)
    value = None if border.value is None else border.value - p.value
    return Interval(value, border.low - p.high, border.high - p.low, rows)


def _ratio(phi, psi):
    return phi / (phi + psi) if phi + psi else 0.0


def _tables(kept, dropped):
    """Two square tables of the same classes, checked."""
    found = []
    for name, table in (("kept", kept), ("dropped", dropped)):
        rows = [
            checks.listed(f"{name}[{k}]", row, "counts") for k, row in enumerate(checks.listed(name, table, "rows"))
        ]
        if not 2 <= len(rows) <= CLASSES or any([len(row) != len(rows) for row in rows]):
            raise ValueError(f"{name} = {checks.shown(table)} is no square table; allowed: 2 to {CLASSES} classes")
        found.append(
            [
                [checks.integer(f"{name}[{k}][{j}]", n, 0, LARGEST) for j, n in enumerate(row)]
                for k, row in enumerate(rows)
            ]
        )
    if len(found[0]) != len(found[1]):
        raise ValueError(f"kept has {len(found[0])} classes and dropped {len(found[1])}; allowed: the same")
    checks.integer("the sum of kept and dropped", sum([sum(row) for table in found for row in table]), 1, LARGEST)
    return found
