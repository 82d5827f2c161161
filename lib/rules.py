"""What a notebook's parameter may be: rules and limits as values.

A rule knows its range in words, its check, the values to refuse and the outermost ones to accept, so that tests can try all of
them in every notebook.
"""

import inspect
import itertools
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from lib import arguments
from lib.theory import checks

# reduced: the paper's protocol on a smaller task, where two cores cannot carry the paper's own
PROFILES = ("smoke", "laptop", "reduced", "paper")
RECORDED = ("paper", "reduced")  # their runs keep every part, and become records; the paper's own before the other
HUGE = 10**400  # a whole number that no float holds
WHOLE = re.compile(r"[+-]?[0-9]+")
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class Rule(Protocol):
    """What a parameter may be."""

    @property
    def range(self) -> str:
        """The allowed values in words."""

    def check(self, name: str, value: object) -> object:
        """Return the value as a plain scalar, or raise ValueError with name, value and range."""

    def bad(self) -> list[object]:
        """Values to refuse: below, above, of another type, nan, as far as they exist for this rule."""

    def edges(self) -> list[object]:
        """The outermost values to accept: what a notebook must either take or refuse by a limit."""


@dataclass(frozen=True)
class Integer:
    """A whole number in [low, high]; 1000.0 counts as one. Checked by tests/test_parameters.py."""

    low: int
    high: int

    @property
    def range(self) -> str:
        return f"a whole number in [{self.low}, {self.high}]"

    def check(self, name: str, value: object) -> int:
        return checks.integer(name, value, self.low, self.high)

    def bad(self) -> list[object]:
        return [self.low - 1, self.high + 1, self.low + 0.5, HUGE, *_no_numbers(str(self.low))]

    def edges(self) -> list[object]:
        return [self.low, self.high]


@dataclass(frozen=True)
class Real:
    """A number in [low, high]; ``open_low`` and ``open_high`` exclude an end. Checked by tests/test_parameters.py."""

    low: float
    high: float
    open_low: bool = False
    open_high: bool = False

    @property
    def range(self) -> str:
        left, right = "(" if self.open_low else "[", ")" if self.open_high else "]"
        return f"a number in {left}{self.low:g}, {self.high:g}{right}"

    def check(self, name: str, value: object) -> float:
        return checks.real(name, value, self.low, self.high, open_low=self.open_low, open_high=self.open_high)

    def bad(self) -> list[object]:
        below = [self.low] * self.open_low + [self.low - max(1, abs(self.low))] * math.isfinite(self.low)
        above = [self.high] * self.open_high + [self.high + max(1, abs(self.high))] * math.isfinite(self.high)
        return [*below, *above, HUGE, -HUGE, *_no_numbers(str(self.low))]

    def edges(self) -> list[object]:
        low = math.nextafter(self.low, self.high) if self.open_low else self.low
        high = math.nextafter(self.high, self.low) if self.open_high else self.high
        return [low, high]


@dataclass(frozen=True, init=False)
class Choice:
    """One of the listed values, of the same type: 1 is not True. Checked by tests/test_parameters.py."""

    allowed: tuple[object, ...]

    def __init__(self, *allowed: object):
        object.__setattr__(self, "allowed", allowed)

    @property
    def range(self) -> str:
        return f"one of {', '.join(map(repr, self.allowed))}"

    def check(self, name: str, value: object) -> object:
        if not any(type(value) is type(option) and value == option for option in self.allowed):
            raise ValueError(f"{name} = {checks.shown(value)} is not {self.range}")
        return value

    def bad(self) -> list[object]:
        lookalikes = [int(option) if isinstance(option, bool) else f"{option} " for option in self.allowed]
        return ["none of these", math.nan, None, 3.5, [*self.allowed], *lookalikes]

    def edges(self) -> list[object]:
        return [*self.allowed]


class Profile(Choice):
    """The name of a profile: smoke, laptop or paper. Checked by tests/test_parameters.py."""

    def __init__(self):
        super().__init__(*PROFILES)


@dataclass(frozen=True)
class Text:
    """A string, for instance a path; may be empty. Checked by tests/test_parameters.py."""

    @property
    def range(self) -> str:
        return "a text"

    def check(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{name} = {checks.shown(value)} is not {self.range}")
        return value

    def bad(self) -> list[object]:
        return [3, math.nan, None, True, ["a text"]]

    def edges(self) -> list[object]:
        return ["", "a text"]


@dataclass(frozen=True)
class Numbers:
    """A text of numbers in [low, high] with commas between, rising; :func:`listed` gives them. ``whole`` allows whole ones only.

    Checked by tests/test_parameters.py.
    """

    low: float
    high: float
    whole: bool = False

    @property
    def range(self) -> str:
        kind = "whole numbers" if self.whole else "numbers"
        return f"a text of rising {kind} in [{self.low}, {self.high}], such as '{self.low}, {self.high}'"

    def check(self, name: str, value: object) -> object:
        try:
            found = listed(value)
        except ValueError:
            found = []
        inside = all(
            self.low <= number <= self.high and (not self.whole or isinstance(number, int)) for number in found
        )
        if not found or not inside or any(a >= b for a, b in itertools.pairwise(found)):
            raise ValueError(f"{name} = {checks.shown(value)} is not {self.range}")
        return value

    def bad(self) -> list[object]:
        low, high = self.low, self.high
        return [
            *(
                "",
                "a",
                "nan",
                "inf",
                "1e400",
                f"{low},",
                f"{low - 1}",
                f"{low}, {high + 1}",
                f"{high}, {low}",
                f"{low}, {low}",
            ),
            *[f"{low}, {low + 0.5}"] * self.whole,
            *_no_numbers(),
        ]

    def edges(self) -> list[object]:
        return [f"{self.low}", f"{self.high}", f"{self.low}, {self.high}"]


def _no_numbers(*also: object) -> list[object]:
    """What is no number, though some look like one; ``also`` for a rule that takes no text."""
    return [math.nan, math.inf, -math.inf, "a", "", None, True, [1], *also]


def decimal(text: str) -> float | None:
    """The number that a text writes in decimal, a whole one without point or exponent as int; None for any other text.

    ``float`` and ``int`` take more for a number than people do: 1_0, blanks around it, digits of other scripts. Here digits 0 to
    9, a point, an exponent and a sign are all that may be there; 1e400, which no float holds, is infinite.
    Checked by tests/test_parameters.py.
    """
    arguments.text("text", text)
    if WHOLE.fullmatch(text) and len(text) < 300:
        return int(text)
    return float(text) if DECIMAL.fullmatch(text) else None


def listed(value: object) -> list[float]:
    """The numbers of a text that :class:`Numbers` allows, or one number; whole ones as int.

    Raises ValueError for anything else. Checked by tests/test_parameters.py.
    """
    found = [decimal(each.strip(" ")) for each in value.split(",")] if isinstance(value, str) else [value]
    if any(number is None for number in found):
        raise ValueError(f"value = {checks.shown(value)} is no row of numbers; allowed: a text such as '0.5, 1'")
    numbers = [checks.finite("value", number) for number in found]
    return [int(number) if number == int(number) else number for number in numbers]


@dataclass(frozen=True)
class Limit:
    """What several parameters must obey together, tried once each obeys its own rule. Checked by tests/test_parameters.py.

    Parameters
    ----------
    words : str
        The limit as a sentence: "n_pairs is at most n_train".
    holds : function
        Takes its parameters by their names, says whether the limit holds. It must not raise for values that the rules allow.
    bad : mapping, optional
        Values of some parameters that violate it, for the tests; needed where no combination of the rules' edges does.
    """

    words: str
    holds: Callable[..., bool]
    bad: Mapping[str, object] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that it takes."""
        return tuple(inspect.signature(self.holds).parameters)

    def check(self, values: Mapping[str, object]) -> None:
        """Raise ValueError with the parameters' names, their values and the words, unless the limit holds."""
        own = {name: values[name] for name in self.names}
        if not self.holds(**own):
            shown = ", ".join(f"{name} = {checks.shown(value)}" for name, value in own.items())
            raise ValueError(f"{shown}; allowed: {self.words}")
