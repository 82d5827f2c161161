"""lib.parameters: rules, limits, the table, profiles."""

import dataclasses
import math
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import parameters
from lib.parameters import Choice, Integer, Limit, Numbers, Profile, Real, Text, check
from lib.rules import decimal

RULES = [
    Integer(1, 10),
    Integer(0, 2**31 - 1),
    Real(0, 1),
    Real(0, 1, open_low=True),
    Real(0, 1, open_high=True),
    Real(1, math.inf, open_high=True),
    Real(-1e300, 1e300),
    Choice("a", "b"),
    Choice(True, False),
    Choice(1, 2.5),
    Profile(),
    Text(),
    Numbers(0, 2),
    Numbers(0.25, 2.5),
    Numbers(2, 15, whole=True),
]


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_a_rule_refuses_its_bad_values_and_takes_its_edges(rule):
    assert len(rule.bad()) > 4
    assert rule.range
    for value in rule.bad():
        with pytest.raises(ValueError, match=r"^x "):
            rule.check("x", value)
    for value in rule.edges():
        assert rule.check("x", value) == value


def test_bad_values_lie_below_above_and_in_another_type():
    for rule in (Integer(1, 10), Real(1, 10), Real(1, 10, open_low=True, open_high=True)):
        numbers = [value for value in rule.bad() if isinstance(value, int | float) and not isinstance(value, bool)]
        assert any(value <= 1 for value in numbers)
        assert any(10 <= value < math.inf for value in numbers)
        assert any(value != value for value in numbers)
        assert {str, bool, type(None), list} <= {type(value) for value in rule.bad()}
    assert 2.5 not in Integer(1, 10).edges()
    assert any(value == 1.5 for value in Integer(1, 10).bad())
    assert 1 in Choice(True, False).bad()


@given(value=st.floats(), low=st.floats(-5, 0), high=st.floats(0, 5), open_low=st.booleans(), open_high=st.booleans())
def test_real_agrees_with_the_inequalities(value, low, high, open_low, open_high):
    inside = (low < value if open_low else low <= value) and (value < high if open_high else value <= high)
    rule = Real(low, high, open_low=open_low, open_high=open_high)
    if inside:
        assert rule.check("x", value) == value
    else:
        with pytest.raises(ValueError, match=r"^x = .* is outside "):
            rule.check("x", value)


def test_rules_are_values():
    assert Integer(1, 2) == Integer(1, 2) != Integer(1, 3)
    assert Choice("a") == Choice("a") != Choice("b")
    assert len({Profile(), Profile(), Text(), Text()}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        Choice("a").allowed = ("b",)


def test_values_come_back_in_the_order_of_the_rules():
    namespace = {"repeats": 3, "t": 0.1, "profile": "laptop", "data": "", "other": object()}
    checked = check(namespace, profile=Profile(), repeats=Integer(1, 10), t=Real(0, 1, open_low=True), data=Text())
    assert list(checked.items()) == [("profile", "laptop"), ("repeats", 3), ("t", 0.1), ("data", "")]


@pytest.mark.parametrize(
    ("rule", "value", "complaint"),
    [
        (Integer(1, 10), 11, r"x = 11 is outside \[1, 10\]"),
        (Integer(1, 10), 2.5, r"x = 2.5 is not a whole number in \[1, 10\]"),
        (Real(0, 1, open_low=True), 0.0, r"x = 0.0 is outside \(0, 1\]"),
        (Real(0, 1), float("nan"), r"x = nan is outside \[0, 1\]"),
        (Real(0, 1), 10**400, r"x = a number above 1.8e308 is outside \[0, 1\]"),
        (Choice("a", "b"), "c", "x = 'c' is not one of 'a', 'b'"),
        (Choice(True, False), 1, "x = 1 is not one of True, False"),
        (Profile(), "huge", "x = 'huge' is not one of 'smoke', 'laptop', 'reduced', 'paper'"),
        (Text(), 3, "x = 3 is not a text"),
        (Numbers(1, 9, whole=True), "1, 2.5", r"x = '1, 2.5' is not a text of rising whole numbers in \[1, 9\]"),
        *[
            (Numbers(0, 2), bad, r"x = .* is not a text of rising numbers in \[0, 2\], such as '0, 2'")
            for bad in ("", "a", "1, 3", "1, 1", "2, 1", "nan", "inf", None)
        ],
    ],
)
def test_a_bad_value_is_named_with_its_range(rule, value, complaint):
    with pytest.raises(ValueError, match=complaint):
        check({"x": value}, x=rule)


def test_listed():
    for value, numbers in (("0.25, 1,2", [0.25, 1, 2]), (2, [2]), ("0", [0])):
        assert check({"x": value}, x=Numbers(0, 2)) == {"x": value}
        assert parameters.listed(value) == numbers
    assert [type(number) for number in parameters.listed("0.5, 1")] == [float, int]


# what float or int take for a number, and people do not
NO_NUMBERS = (
    "1_0",
    "1_0.5",
    "\u0661",
    "\uff11",
    "\u00a01",
    "1\n",
    "1e1_0",
    "nan",
    "inf",
    "infinity",
    "0x1",
    "1e",
    ".",
    "",
)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_decimal_number(text):
    assert decimal(text) is None
    with pytest.raises(ValueError, match=r"^value = .* is no row of numbers; allowed: "):
        parameters.listed(f"0.5, {text}")
    with pytest.raises(ValueError, match=r"^x = .* is not a text of rising numbers"):
        check({"x": f"0.5, {text}"}, x=Numbers(0, 2000))


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53))
def test_decimal_reads_what_python_writes(number):
    assert decimal(repr(number)) == number
    assert type(decimal(repr(number))) is type(number)
    assert parameters.listed(repr(number)) == [number]


def test_all_complaints_come_at_once():
    with pytest.raises(ValueError, match=r"a = 0 .*; b is missing from the parameters cell; allowed: a text"):
        check({"a": 0}, a=Integer(1, 2), b=Text())


PAIRS = Limit("n_pairs is at most n_train", lambda n_pairs, n_train: n_pairs <= n_train)


def test_a_violated_limit_is_named_with_its_values():
    rules = {"n_train": Integer(1, 100), "n_pairs": Integer(1, 100)}
    assert check({"n_train": 5, "n_pairs": 5}, limits=[PAIRS], **rules) == {"n_train": 5, "n_pairs": 5}
    with pytest.raises(ValueError, match=r"^n_pairs = 6, n_train = 5; allowed: n_pairs is at most n_train$"):
        check({"n_train": 5, "n_pairs": 6}, limits=[PAIRS], **rules)


def test_limits_run_after_the_rules_and_on_checked_values():
    seen = []
    watching = Limit("never", lambda n_pairs: seen.append(n_pairs) or False)
    with pytest.raises(ValueError, match=r"^n_pairs = 'many' is not a real number in \[1, 100\]$"):
        check({"n_pairs": "many"}, limits=[watching], n_pairs=Integer(1, 100))
    assert seen == []
    with pytest.raises(ValueError, match=r"^n_pairs = 6; allowed: never$"):
        check({"n_pairs": 6.0}, limits=[watching], n_pairs=Integer(1, 100))
    assert seen == [6]
    assert type(seen[0]) is int


def test_a_limit_may_only_name_parameters_that_have_rules():
    with pytest.raises(ValueError, match=r"the limit 'n_pairs is .*' names \['n_train'\]; allowed: n_pairs"):
        check({"n_pairs": 1}, limits=[PAIRS], n_pairs=Integer(1, 2))


def test_profiles():
    assert parameters.profile("beyond-collapse/01-phase-transition", "laptop") == {}
    assert parameters.profile("beyond-collapse/01-phase-transition", "smoke")["profile"] == "smoke"
    with pytest.raises(ValueError, match="profile = 'huge' is not one of"):
        parameters.profile("beyond-collapse/01-phase-transition", "huge")
    with pytest.raises(ValueError, match="notebook = 'nothing' has no paper profile; allowed: none in"):
        parameters.profile("nothing", "paper")
    with pytest.raises(ValueError, match="'beyond-collapse/no' has no paper profile; allowed: beyond-collapse/01-"):
        parameters.profile("beyond-collapse/no", "paper")


def test_a_changed_profile_does_not_change_the_next_one():
    parameters.profile("beyond-collapse/01-phase-transition", "smoke")["steps"] = -1
    assert parameters.profile("beyond-collapse/01-phase-transition", "smoke")["steps"] > 0


def test_a_file_of_profiles_holds_profiles_only(tmp_path, monkeypatch):
    monkeypatch.setattr(parameters, "FOLDER", tmp_path)
    (tmp_path / "chapter-of-a-test.yml").write_text("tiny:\n  01:\n    n: 1\n")
    with pytest.raises(
        ValueError, match=r"chapter-of-a-test.yml is not a table of the profiles smoke, reduced and paper"
    ):
        parameters.profile("chapter-of-a-test/01", "smoke")


def test_checks_run_before_torch_is_imported():
    code = "import sys; from lib import parameters; sys.exit('torch' in sys.modules or 'matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize(
    ("text", "own", "value"),
    [
        ("010", 3, 10),
        ("-1", 3, -1),
        ("1e3", 3, 1000.0),
        ("1e-6", 0.5, 1e-6),
        ("-1e-3", 0.5, -1e-3),
        ("3", 0.5, 3),
        ("yes", True, True),
        ("FALSE", True, False),
        ("0", False, False),
        ("0", "", "0"),
        (" a: b ", "x", " a: b "),
        ("", "x", ""),
        ("1, 2", "0.5", "1, 2"),
    ],
)
def test_text_becomes_a_value_of_the_parameters_own_type(text, own, value):
    found = parameters.read("a", text, own)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "own", "words"),
    [
        ("1:30", 3, "a whole number"),
        ("2024-01-01", 3, "a whole number"),
        ("1_000", 3, "a whole number"),
        ("\u0663", 3, "a whole number"),
        ("", 0.5, "a number"),
        ("0x1", 0.5, "a number"),
        ("2", True, "True or False"),
        ("", False, "True or False"),
    ],
)
def test_text_of_another_type_is_refused(text, own, words):
    with pytest.raises(ValueError, match=f"^{re.escape(f'a = {text!r} is not {words}')}; allowed: "):
        parameters.read("a", text, own)
