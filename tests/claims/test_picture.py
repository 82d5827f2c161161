"""lib.claims.picture: the bar of verdicts."""

import re

import pytest

from lib.claims import picture

FOUND = {"reproduced": 60, "not reproduced": 30, "undecided": 7, "not run yet": 3}


def test_parts_of_a_bar_fill_it_in_order():
    svg = picture.bar("A paper & more", FOUND)
    parts = [(float(x), float(width)) for x, width in re.findall(r'<rect [^>]*x="([\d.]+)%" width="([\d.]+)%"', svg)]
    assert [width for _, width in parts] == [60, 30, 7, 3]
    assert [x for x, _ in parts] == [0, 60, 90, 97]
    assert re.findall(r'class="(bar-[\w-]+)"', svg) == [
        "bar-reproduced",
        "bar-not-reproduced",
        "bar-undecided",
        "bar-not-run",
    ]


def test_a_bar_says_in_words_what_it_shows():
    svg = picture.bar("A paper & more", FOUND)
    words = "A paper &amp; more, 100 claims: 60 reproduced, 30 not reproduced, 7 undecided, 3 not run yet"
    assert f'role="img" aria-label="{words}"' in svg
    assert re.findall(r"<text[^>]*>([^<]*)</text>", svg) == ["60 ✓", "30 ✗", "?"]  # what has room


def test_marks_differ():
    assert set(picture.MARKS) == set(picture.CODES)
    assert len(set(picture.MARKS.values())) == len(picture.MARKS)


def test_the_key_leads_to_the_claims():
    chart = picture.chart({"a": ("A paper", FOUND)})
    assert '<a href="?paper=a&amp;verdict=not-reproduced#all-claims">' in chart
    assert chart.count("<li>") == 4


def test_no_claims_no_bar():
    assert "<rect" not in picture.bar("A paper", {})
    assert picture.chart({"a": ("A paper", FOUND), "b": ("No paper", {})}).count("<figure") == 1


@pytest.mark.parametrize("share", [1, 0.5, 0.1, 0.01])
def test_room(share):
    n = round(100 * share)
    svg = picture.bar("A", {"reproduced": n, "undecided": 1000 - n})
    assert ("✓" in svg) is (n / 1000 >= 0.05)
