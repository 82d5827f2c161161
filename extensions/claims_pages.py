"""Claims in the book's pages: the page of all claims, answer tables, badges, and numbers from the ledgers inside sentences."""

import html
from collections.abc import Callable

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective, SphinxRole

from lib.claims import answers, corrections, export, page, picture, state, table, words
from lib.paths import ROOT, below

OLDER_CODE = ROOT / "data" / "reference" / "older-code.yml"


class Fold(nodes.General, nodes.Element):
    """One claim that opens and closes: an HTML details element, whose summary is the attribute ``summary``, as HTML."""


def open_fold(translator, node) -> None:
    data = " ".join(f'data-{name}="{html.escape(value)}"' for name, value in node["data"].items())
    translator.body.append(f'<details class="claim" id="{node["ids"][0]}" {data}><summary>{node["summary"]}</summary>')


def close_fold(translator, node) -> None:
    translator.body.append("</details>\n")


class Claims(SphinxDirective):
    """``{claims} CHAPTER``, or a notebook: its answer table. Without an argument: the page of all claims."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        watch(self.env)
        if self.arguments:
            return self.nested(self.words(page.answers, table.claims(), self.arguments[0]))
        return [raw(front()), *self._folds(), raw("</div>")]

    def _folds(self) -> list[nodes.Node]:
        found, titles = [], state.papers()
        claims = list(table.claims().values())
        for chapter in state.in_order(claim["id"].split("/")[0] for claim in claims):
            own = [claim for claim in claims if claim["id"].startswith(chapter + "/")]
            title = html.escape(titles.get(chapter, chapter))
            head = f'<h2 class="claims-heading" id="claims-{chapter}" data-paper="{chapter}">{title}</h2>'
            found += [raw(head), *map(self._fold, own)]
        return found

    def _fold(self, claim) -> Fold:
        verdict, _ = state.state(claim)
        name = claim["id"].split("/", 1)[1]
        summary = (
            f'<span class="claim-name">{html.escape(name)}</span> '
            f'<span class="claim-where">{html.escape(claim["where"])} · {claim["form"]}</span> '
            f'<span class="claim-statement">{html.escape(" ".join(claim["statement"].split()))}</span> {page.badge(verdict)}'
        )
        data = {"paper": claim["id"].split("/")[0], "verdict": state.CODES[verdict], "form": claim["form"]}
        fold = Fold(summary=summary, data=data, names=[words.anchor(claim["id"])])
        self.state.document.note_explicit_target(fold)
        fold += self.nested(f"{claim['statement'].strip()}\n\n{words.details(claim)}")
        fold += raw(f'<p class="claim-link"><a href="#{fold["ids"][0]}">Permalink</a> · {html.escape(claim["id"])}</p>')
        return fold

    def words(self, text_of: Callable[..., str], *arguments: object) -> str:
        """A text; a name that is not there, or a corrupt file, is an error of this directive's line."""
        try:
            return text_of(*arguments)
        except ValueError as error:
            raise self.error(str(error)) from error

    def nested(self, text: str) -> list[nodes.Node]:
        box = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), source="data/claims"), self.content_offset, box)
        return box.children


class Badges(Claims):
    """``{badges} NOTEBOOK``: seconds, data and verdicts of a notebook, from its committed ledger."""

    required_arguments, optional_arguments = 1, 0

    def run(self) -> list[nodes.Node]:
        shown = self.nested(self.words(page.badges, self.arguments[0]))
        for path in (below(ROOT / "data" / "ledger", self.arguments[0], ending=".json"), OLDER_CODE):
            self.env.note_dependency(str(path))
        return shown


class Corrections(Claims):
    """``{corrections}``: every correction once, a section each, below the title of its paper; a root is one entry."""

    optional_arguments = 0

    def run(self) -> list[nodes.Node]:
        watch(self.env)
        stamp, titles = export.version(export.rows(table.claims())), state.papers()
        found = self.nested(corrections.summary(table.claims()))
        parts: dict[str, nodes.section] = {}
        for entry in corrections.entries(table.claims()):
            if entry.chapter not in parts:
                parts[entry.chapter] = self._section(titles[entry.chapter], f"corrections-{entry.chapter}")
            own = self._section(entry.title, entry.anchor)
            own += self.nested(corrections.text(entry, stamp))
            parts[entry.chapter] += own
        return [*found, *parts.values()]

    def _section(self, title: str, name: str) -> nodes.section:
        section = nodes.section("", nodes.title("", title), names=[name])
        self.state.document.note_explicit_target(section)
        return section


class Answer(Badges):
    """``{answer} NOTEBOOK``: what it found, in two sentences, with the numbers of its committed ledger."""

    def run(self) -> list[nodes.Node]:
        watch(self.env)
        self.env.note_dependency(str(answers.FILE))
        return self.nested(self.words(answers.answer, self.arguments[0]))


class Tally(SphinxRole):
    """``{tally}`CHAPTER```: how its claims stand, as a bar and in words."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        watch(self.env)
        own = [claim for claim in table.claims().values() if claim["id"].startswith(self.text + "/")]
        if not own:
            raise ExtensionError(f"{{tally}}`{self.text}`: no such chapter in data/claims")
        bar = picture.bar(state.papers()[self.text], state.counts(own))
        return [raw(bar), nodes.Text(page.tally(self.text, table.claims()))], []


class Measured(SphinxRole):
    """``{measured}`CLAIM, TEST```: the value of one test from the evidence that decides, with its error, linked to the claim."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        watch(self.env)
        claim, name = (part.strip() for part in self.text.split(",", 1))
        table.test(claim, name)  # refuses unknown names
        found = table.claims()[claim]
        values = state.measured(found, state.state(found)[1])
        if values is None or values[name] is None:
            raise ExtensionError(f"{{measured}}`{self.text}`: this claim has no measured value")
        return [raw(link(self, claim, words.rounded(values[name])))], []


class Verdict(SphinxRole):
    """``{verdict}`CLAIM```: its verdict, linked to the claim."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        watch(self.env)
        if self.text not in table.claims():
            raise ExtensionError(f"{{verdict}}`{self.text}`: no such claim in data/claims")
        return [raw(link(self, self.text, page.badge(state.state(table.claims()[self.text])[0])))], []


def link(role: SphinxRole, claim: str, content: str) -> str:
    """HTML of a link to the claim, relative to the page that the role stands on."""
    up = "../" * role.env.docname.count("/")
    return f'<a href="{up}{export.permalink(claim)}">{content}</a>'


def raw(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def watch(env) -> None:
    """Read a page again when claims, ledgers or roots have changed, or what puts them into words."""
    data = [*table.FOLDER.glob("*.yml"), *(ROOT / "data" / "ledger").rglob("*.json"), table.ROOTS, OLDER_CODE]
    for path in [*data, *(ROOT / "lib" / "claims").glob("*.py"), __file__]:
        env.note_dependency(str(path))


def front() -> str:
    """The bars, the downloads, how to cite, the filter (shown once its script runs), and the head of the table of claims."""
    claims = list(table.claims().values())
    titles = state.papers()
    chapters = state.in_order(claim["id"].split("/")[0] for claim in claims)
    found = {
        chapter: (titles.get(chapter, chapter), state.counts(c for c in claims if c["id"].startswith(chapter + "/")))
        for chapter in chapters
    }
    stamp = export.version(export.rows(table.claims()))
    example = html.escape(export.citation(claims[0]["id"], stamp))
    verdicts = {state.CODES[verdict]: verdict for verdict in state.counts(claims)}
    selects = (
        select("paper", "Paper", {chapter: title for chapter, (title, _) in found.items()})
        + select("verdict", "Verdict", verdicts)
        + select("form", "Form", {form: form for form in table.FORMS})
    )
    return (
        f"{picture.chart(found)}"
        f'<p class="claims-data">Version {stamp}: <a href="claims.csv" download>claims.csv</a>, '
        '<a href="claims.json" download>claims.json</a>. '
        f"Cite one claim by its id and version: <q>{example}</q></p>"
        '<form class="claims-filter" id="all-claims" role="search" aria-label="Claims" hidden>'
        f'{selects}<label>Text <input type="search" name="text" autocomplete="off"></label>'
        f'<button type="reset">Show all</button><output>{len(claims)} of {len(claims)} claims</output></form>'
        '<div class="claims-list">'
    )


def select(name: str, label: str, choices: dict[str, str]) -> str:
    options = "".join(f'<option value="{value}">{html.escape(text)}</option>' for value, text in choices.items())
    return f'<label>{label} <select name="{name}" autocomplete="off"><option value="">all</option>{options}</select></label>'


def setup(app) -> dict:
    app.add_node(Fold, html=(open_fold, close_fold))
    app.add_directive("claims", Claims)
    for name, directive in (("badges", Badges), ("answer", Answer), ("corrections", Corrections)):
        app.add_directive(name, directive)
    for name, role in (("tally", Tally), ("measured", Measured), ("verdict", Verdict)):
        app.add_role(name, role())
    return {"parallel_read_safe": False, "parallel_write_safe": True}
