"""English texts cut into sentences, by rules."""

import re

from lib import arguments

# a point after these ends no sentence; so does one after a single letter, as in J. Smith
ABBREVIATIONS = frozenset(
    ("mr", "mrs", "ms", "dr", "prof", "st", "sgt", "capt", "col", "gen", "lt", "rev", "hon", "jr", "sr", "no", "vs", "etc", "inc",
     "ltd", "co", "corp", "dept", "est", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec")
)  # fmt: skip
END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9£$€])")
LAST_WORD = re.compile(r"([A-Za-z.]+)\.$")
WORD = re.compile(r"[a-z0-9]")


def split(text: str) -> list[str]:
    """The sentences of an English text, in order, each with at least one letter or digit of ASCII.

    A sentence ends at the end of a line, and at a point, an exclamation or a question mark that is followed by a capital letter,
    a number or a quotation, unless the point is one of an abbreviation or of initials. Raises ValueError for what is no text.
    Source: the book's own; the paper's models read whole articles. Checked by tests/models/text/test_sentences.py.
    """
    found = []
    for line in arguments.text("text", text).splitlines():
        start = 0
        for end in END.finditer(line):
            closing = line[start : end.end()].rstrip()
            word = LAST_WORD.search(closing)
            if word and (word[1].lower() in ABBREVIATIONS or len(word[1].split(".")[-1]) == 1):
                continue
            found.append(closing)
            start = end.end()
        found.append(line[start:].strip())
    return [sentence for sentence in found if WORD.search(sentence.lower())]
