"""The judge's form in the published page: a file, its columns, the numbers that the reader states. JupyterLab shows none."""

import html
import json

from lib import arguments
from lib.explore import files
from lib.labels import cells, report

ENTRIES = ("lib.labels.cells", "lib.labels.report", "lib.labels.curve")
NUMBERS = (
    ("n", "real rows n", "1"),
    ("m", "generated rows m, before the verifier", "1"),
    ("dimension", "dimension", "1"),
    ("mu_norm", "half the distance of the class means, in standard deviations", "any"),
    ("gamma", "ridge gamma", "any"),
    ("confidence", "confidence", "any"),
)
COLUMNS = {
    "label": "true label",
    "generated": "generated label",
    "kept": "kept or not",
    "score": "score of the verifier",
    "count": "how often the row counts",
}
TYPED = """label,generated,kept,count
yes,yes,1,412
yes,no,1,31
no,yes,1,57
no,no,1,380
yes,yes,0,40
yes,no,0,66
no,yes,0,71
no,no,0,52
"""


class Block:
    """The form; the last expression of a cell shows it in the page, and a sentence in JupyterLab. Checked by
    tests/site/test_judge_page.py."""

    def __init__(self, name: str, example: str, stated: dict[str, float]):
        self.name = arguments.text("name", name, "the name of the example file")
        self.example = arguments.text("example", example, "the example file's text")
        self.stated = report.settings(**arguments.mapping("stated", stated, "numbers by name"))

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {
            "text/html": self.markup(),
            "text/plain": "The published page has a form here. In JupyterLab set the parameter data, and run the cells below.",
        }

    def markup(self) -> str:
        """The form as HTML; hidden until the page's script shows it, so that nobody meets a dead form."""
        content = {"files": files.imported(ENTRIES), "name": self.name, "example": self.example}
        script = json.dumps(content).replace("<", "\\u003c")
        return (
            '<section class="judge" aria-label="Judge your own labels" hidden><form><fieldset class="judge-controls" disabled>'
            f"{self._file()}{_typed()}"
            '<fieldset class="judge-columns" hidden><legend>Columns</legend>'
            f'<div class="judge-grid">{_selects()}</div></fieldset>'
            '<fieldset class="judge-numbers"><legend>For the accuracy of ridge, and for all intervals</legend>'
            f'<div class="judge-grid">{self._inputs()}</div></fieldset></fieldset></form>'
            '<progress max="1" value="0" aria-label="Share of the file that is read" hidden></progress>'
            '<p class="judge-paper">On the web page of this chapter a form stands here, which judges a file of your own.</p>'
            '<p class="judge-status" role="status" aria-live="polite"></p><div class="judge-report"></div>'
            '<div class="judge-row judge-actions" hidden>'
            '<a class="judge-markdown" download="report.md" href="#judge-file">Download this report (Markdown)</a>'
            '<a class="judge-csv" download="thresholds.csv" href="#judge-file">Download the thresholds (CSV)</a></div>'
            f'<script type="application/json">{script}</script></section>'
            "<noscript><p>The form to judge a file of your own needs JavaScript.</p></noscript>"
        )

    def _file(self) -> str:
        return (
            '<div class="judge-file"><label for="judge-file">Your file (CSV): it stays on this machine</label>'
            '<input id="judge-file" type="file" accept=".csv,.tsv,.txt,text/csv,text/plain"></div>'
            '<div class="judge-row"><button type="button" class="judge-example">Judge the example file</button>'
            f'<a class="judge-example-file" download="{html.escape(self.name)}" href="#judge-file">'
            "Download the example file</a></div>"
        )

    def _inputs(self) -> str:
        found = []
        for name, words, step in NUMBERS:
            low, high = report.SETTINGS[name]
            limits = f'min="{low}" max="{high}" step="{step}"'
            found.append(
                f'<label>{words} <input type="number" name="{name}" {limits} value="{self.stated[name]}" required></label>'
            )
        return "".join(found)


def _selects() -> str:
    return "".join(f'<label>{words} <select name="{name}"></select></label>' for name, words in COLUMNS.items())


def _typed() -> str:
    words = f"A table with the columns {', '.join(cells.COLUMNS)} and count: how many rows each line stands for"
    return (
        "<details><summary>Type a confusion table instead</summary>"
        f'<label for="judge-typed">{words}</label>'
        f'<textarea id="judge-typed" rows="9" spellcheck="false">{html.escape(TYPED)}</textarea>'
        '<button type="button" class="judge-typed">Judge this table</button></details>'
    )
