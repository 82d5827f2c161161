"""lib.arguments: what passes comes back as it was given, what does not is named with its value."""

from pathlib import Path

import numpy as np
import pytest

from lib import arguments


def test_what_passes_comes_back():
    rows = {"a": [1]}
    assert arguments.text("name", "") == ""
    assert arguments.one_of("name", "a", ("a", "b")) == "a"
    assert arguments.flag("name", False) is False
    assert arguments.path("name", "x/y") == arguments.path("name", Path("x/y")) == Path("x/y")
    assert arguments.mapping("name", rows, "rows") is rows
    assert arguments.instance("name", rows, dict, "rows") is rows
    assert arguments.texts("names", ("a", "b"), "texts") == ["a", "b"]


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda: arguments.text("prefix", 3, "a chapter"), "prefix = 3 is no text; allowed: a chapter"),
        (lambda: arguments.text("alt", " ", "a sentence", empty=False), "alt = ' ' is empty; allowed: a sentence"),
        (lambda: arguments.one_of("name", [], ("a", "b")), "name = [] is not one of 'a', 'b'"),
        (lambda: arguments.one_of("name", "c", ("a", "b")), "name = 'c' is not one of 'a', 'b'"),
        (lambda: arguments.flag("digest", 1), "digest = 1 is not one of True, False"),
        (lambda: arguments.flag("digest", np.True_), "digest = np.True_ is not one of True, False"),
        *[
            (
                lambda bad=bad: arguments.path("root", bad),
                f"root = {bad!r} is no path; allowed: a text or a pathlib.Path",
            )
            for bad in (3, None, b"x", "", " ", "a\0b", ["x"])
        ],
        (lambda: arguments.mapping("test", {1: 2}, "a test"), "test = {1: 2} is no table by name; allowed: a test"),
        (lambda: arguments.instance("x", 3, str, "an axis"), "x = 3 is of another type; allowed: an axis"),
        (lambda: arguments.texts("rows", ["a", 2], "cells"), "rows[1] = 2 is no text; allowed: cells"),
        (lambda: arguments.texts("rows", "ab", "cells"), "rows = 'ab' is no list; allowed: cells"),
    ],
)
def test_messages(check, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011 the whole message is compared
        check()
    assert str(error.value) == message
