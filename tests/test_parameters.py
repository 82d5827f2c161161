"""lib.parameters: rules, the table, profiles."""

import subprocess
import sys

import pytest

from lib import parameters


def test_values_come_back_in_the_order_of_the_rules():
    namespace = {"repeats": 3, "t": 0.1, "profile": "laptop", "data": "", "other": object()}
    checked = parameters.check(
        namespace,
        profile=parameters.choice(*parameters.PROFILES),
        repeats=parameters.integer(1, 10),
        t=parameters.real(0, 1, open_low=True),
        data=parameters.text(),
    )
    assert list(checked.items()) == [("profile", "laptop"), ("repeats", 3), ("t", 0.1), ("data", "")]


@pytest.mark.parametrize(
    ("rule", "value", "complaint"),
    [
        (parameters.integer(1, 10), 11, r"x = 11 is outside \[1, 10\]"),
        (parameters.integer(1, 10), 2.5, r"x = 2.5 is not a whole number in \[1, 10\]"),
        (parameters.real(0, 1, open_low=True), 0.0, r"x = 0.0 is outside \(0, 1\]"),
        (parameters.real(0, 1), float("nan"), r"x = nan is outside \[0, 1\]"),
        (parameters.choice("a", "b"), "c", "x = 'c' is not one of 'a', 'b'"),
        (parameters.choice(True, False), 1, "x = 1 is not one of True, False"),
        (parameters.text(), 3, "x = 3 is not a text"),
        *[
            (parameters.numbers(0, 2), bad, r"x = .* is not a text of rising numbers in \[0, 2\]")
            for bad in ("", "a", "1, 3", "1, 1", "2, 1", "nan", "inf", None)
        ],
    ],
)
def test_a_bad_value_is_named_with_its_range(rule, value, complaint):
    with pytest.raises(ValueError, match=complaint):
        parameters.check({"x": value}, x=rule)


def test_listed():
    for value, numbers in (("0.25, 1,2", [0.25, 1, 2]), (2, [2]), ("0", [0])):
        assert parameters.check({"x": value}, x=parameters.numbers(0, 2)) == {"x": value}
        assert parameters.listed(value) == numbers
    assert [type(number) for number in parameters.listed("0.5, 1")] == [float, int]


def test_all_complaints_come_at_once():
    with pytest.raises(ValueError, match=r"a = 0 .*; b is missing"):
        parameters.check({"a": 0}, a=parameters.integer(1, 2), b=parameters.text())


def test_profiles():
    assert parameters.profile("beyond-collapse/01-phase-transition", "laptop") == {}
    assert parameters.profile("beyond-collapse/01-phase-transition", "smoke")["profile"] == "smoke"
    with pytest.raises(ValueError, match="profile = 'huge' is not one of"):
        parameters.profile("beyond-collapse/01-phase-transition", "huge")
    with pytest.raises(ValueError, match="notebook = 'nothing' has no paper profile"):
        parameters.profile("nothing", "paper")


def test_checks_run_before_torch_is_imported():
    code = "import sys; from lib import parameters; sys.exit('torch' in sys.modules or 'matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
