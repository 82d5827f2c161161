"""The verdicts on a paper as one bar: SVG with words, whose parts differ by a mark as well as by colour."""

import html
from collections.abc import Mapping

from lib.claims.state import CODES
from lib.claims.verdict import (
    CONDITIONAL,
    CORRECTED,
    FAILED,
    NOT_RUN,
    OBSERVED,
    OUT_OF_REACH,
    REPRODUCED,
    UNDECIDED,
)

MARKS = {
    REPRODUCED: "✓",
    CORRECTED: "✎",
    CONDITIONAL: "if",
    FAILED: "✗",
    UNDECIDED: "?",
    OBSERVED: "○",
    OUT_OF_REACH: "–",
    NOT_RUN: "…",
}
ROOM = (
    (0.11, "{n} {mark}"),
    (0.05, "{mark}"),
    (0.0, ""),
)  # what a part of at least this share has room for, on a phone too


def bar(name: str, found: Mapping[str, int]) -> str:
    """The bar of one paper as inline SVG: ``found`` says how many claims have each verdict, in order.

    Widths are percentages, so that it fits every screen; assets/claims.css has the colours. Checked by
    tests/claims/test_picture.py.
    """
    total = sum(found.values())
    words = html.escape(f"{name}, {total} claims: {listed(found)}")
    parts, start = [], 0
    for verdict, n in found.items():
        share, left = n / total, start / total
        parts.append(
            f'<rect class="bar-{CODES[verdict]}" x="{100 * left:.3f}%" width="{100 * share:.3f}%" height="100%">'
            f"<title>{n} {verdict}</title></rect>"
        )
        inside = next(text for least, text in ROOM if share >= least).format(n=n, mark=MARKS[verdict])
        if inside:
            parts.append(
                f'<text x="{100 * (left + share / 2):.3f}%" y="50%" dy=".35em" text-anchor="middle">{inside}</text>'
            )
        start += n
    return f'<svg class="claims-bar" role="img" aria-label="{words}" width="100%" height="28">{"".join(parts)}</svg>'


def listed(found: Mapping[str, int]) -> str:
    """Counts in words: "20 reproduced, 2 not reproduced"."""
    return ", ".join(f"{n} {verdict}" for verdict, n in found.items())


def key(chapter: str, found: Mapping[str, int]) -> str:
    """What the parts of a bar mean, as a list of links to the claims of that paper and verdict."""
    items = "".join(
        f'<li><a href="?paper={chapter}&amp;verdict={CODES[verdict]}#all-claims">'
        f'<svg width="20" height="20" aria-hidden="true"><rect class="bar-{CODES[verdict]}" width="20" height="20"/>'
        f'<text x="10" y="10" dy=".35em" text-anchor="middle">{MARKS[verdict]}</text></svg>'
        f"{n} {verdict}</a></li>"
        for verdict, n in found.items()
    )
    return f'<ul class="claims-key">{items}</ul>'


def chart(papers: Mapping[str, tuple[str, Mapping[str, int]]]) -> str:
    """A bar and its key for each paper with claims: chapter to title and counts. Checked by tests/claims/test_picture.py."""
    figures = "".join(
        f'<figure class="claims-paper"><figcaption><strong>{html.escape(title)}</strong>: {sum(found.values())} claims'
        f"</figcaption>{bar(title, found)}{key(chapter, found)}</figure>"
        for chapter, (title, found) in papers.items()
        if found
    )
    return f'<div class="claims-chart">{figures}</div>'
