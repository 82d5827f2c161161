"""lib.theory.judge_size and the joint advice: tables of the advised size are drawn, and judged."""

import numpy as np
import pytest

from lib.theory import judge, judge_size

DRAWN = 200
# decided: before. The chance is promised to be 0.8 at least; of 200 draws three deviations of it are 0.085.
LEAST = 0.8 - 3 * np.sqrt(0.8 * 0.2 / DRAWN)


def alike(number, own, others):
    """A table of classes that are all alike."""
    return [[own if i == j else others // (number - 1) for j in range(number)] for i in range(number)]


def decided(kept, more, seed):
    rng, number = np.random.default_rng(seed), len(kept)
    rows, none = sum(map(sum, kept)), [[0] * number] * number
    found = 0
    for _ in range(DRAWN):
        table = rng.multinomial(rows + more, np.array(kept).ravel() / rows).reshape(number, number).tolist()
        codes = [each.verdict for each in judge.classes(table, none)]
        found += judge.ABOVE in codes or set(codes) == {judge.BELOW}
    return found / DRAWN


@pytest.mark.parametrize(
    "kept", [alike(3, 30, 40), alike(5, 20, 60), alike(10, 12, 81), [[90, 70, 1], [2, 80, 60], [60, 50, 80]]]
)
def test_the_joint_verdict_falls_in_four_tables_of_five(kept):
    more = judge.more_rows_of_all(kept, [[0] * len(kept)] * len(kept))
    assert decided(kept, more, 7) >= LEAST
    assert decided(kept, more // 3, 8) < LEAST  # and it is no number that is always enough


def test_one_lost_class_decides():
    kept = [[900, 1, 1], [1, 900, 1], [25, 1, 20]]
    more = judge.more_rows_of_all(kept, [[0] * 3] * 3)
    assert decided(kept, more, 9) >= LEAST
    assert more < judge.more_rows_of_all([[900, 1, 1], [1, 900, 1], [20, 1, 25]], [[0] * 3] * 3) * 1.5


def test_no_number_for_a_tie_or_an_empty_class():
    none = [[0] * 3] * 3
    assert judge.more_rows_of_all([[9, 9, 0], [1, 90, 1], [1, 1, 90]], none) is None
    assert judge.more_rows_of_all([[9, 7, 0], [1, 90, 1], [0, 0, 0]], [[0, 0, 0], [0, 0, 0], [0, 0, 4]]) is None
    assert judge.more_rows_of_all([[9, 7, 0], [1, 90, 1], [0, 0, 0]], none) > 0  # no true label, no class


@pytest.mark.parametrize(("wrong", "kept", "rows"), [(0, 2, 9), (0, 3, 300), (1, 5, 500), (2, 6, 60), (24, 60, 60)])
def test_a_varying_number_of_kept_rows(wrong, kept, rows):
    """Kept rows are drawn too: of small tables the chance is 0.8 still."""
    rng = np.random.default_rng(3)
    total = rows + judge_size.more(wrong, kept, rows, 0.95, 0.2, True)
    found = 0
    for _ in range(1000):
        size = int(rng.binomial(total, kept / rows))
        found += judge.side(judge.interval(int(rng.binomial(size, wrong / kept)), size)) in ("below", "above")
    assert found / 1000 >= 0.8 - 3 * np.sqrt(0.8 * 0.2 / 1000)


def test_errors_name_their_argument():
    with pytest.raises(ValueError, match=r"^kept = 2 are fewer than wrong = 3; allowed"):
        judge_size.more(3, 2, 9)
    with pytest.raises(ValueError, match=r"missed = 0\.7 is outside"):
        judge_size.more(1, 2, 9, 0.95, 0.7)
