"""How the built pages read: first page, phone, paper, search, content policy, the page of no page; in a real browser."""

import json
import re
from functools import partial
from http.server import ThreadingHTTPServer
from threading import Thread

import pytest
from conftest import ROOT, SITE, Quiet, open_page

from lib.claims import state, table, words

PAGES = sorted(str(path.relative_to(SITE)) for path in (SITE / "book").glob("**/*.html"))
INTRO, VERIFIERS = "book/intro.html", "book/beyond-collapse/02-verifiers.html"


@pytest.fixture
def phone(browser):
    context = browser.new_context(viewport={"width": 390, "height": 740})
    yield context.new_page()
    context.close()


def test_the_book_opens_with_a_picture_that_moves(page, site):
    open_page(page, f"{site}/{INTRO}")
    figure = page.locator("figure.explore").first
    assert [control.get_attribute("name") for control in figure.locator("input").all()] == ["p", "phi", "psi"]
    curve = figure.locator(".explore-line-1.explore-line").first
    before = curve.get_attribute("d")
    figure.locator("input[name=psi]").press("End")
    page.wait_for_function(
        "before => document.querySelector('path.explore-line-1').getAttribute('d') !== before", arg=before
    )


def test_five_findings_each_with_its_number_and_claim(page, site):
    page.goto(f"{site}/{INTRO}")
    findings = page.locator("#five-findings li").all()
    assert len(findings) == 5
    for finding in findings:
        links = finding.locator("a[href*='claims.html#claim-']").all()
        keys = {key for key in table.claims() if links[-1].get_attribute("href").endswith("#" + words.anchor(key))}
        (key,) = keys
        claim = table.claims()[key]
        verdict, row = state.state(claim)
        assert links[-1].inner_text() == verdict
        own = {words.rounded(pair) for pair in state.measured(claim, row).values()}
        assert {link.inner_text() for link in links[:-1]} <= own
        assert len(links) >= 2


def test_the_table_of_chapters_counts_their_claims(page, site):
    page.goto(f"{site}/{INTRO}")
    for chapter in state.papers():
        own = state.of_the_papers(claim for claim in table.claims().values() if claim["id"].startswith(f"{chapter}/"))
        if not own:  # the synthesis, which is of no paper
            continue
        assert page.locator("#four-papers tr", has_text=f"{len(own)} claims: ").locator("svg[role=img]").count() >= 1


def test_sliders_stay_below_the_picture_on_a_phone(phone, site):
    open_page(phone, f"{site}/{INTRO}")
    figure = phone.locator("figure.explore").first
    figure.locator("input[name=psi]").evaluate("node => node.scrollIntoView({ block: 'end' })")
    phone.wait_for_timeout(500)  # a late font moves the page under the picture
    plot, header = figure.locator(".explore-plot").bounding_box(), phone.locator(".bd-header-article").bounding_box()
    assert plot["y"] >= header["y"] + header["height"] - 1
    assert plot["y"] + plot["height"] <= figure.locator("input[name=p]").bounding_box()["y"]


def test_wordy_tables_stand_as_cells_on_a_phone(phone, site):
    phone.goto(f"{site}/{INTRO}")
    box = phone.locator("#four-papers table")
    assert box.evaluate("node => node.scrollWidth <= node.clientWidth")
    cells = box.locator("tbody tr").first.locator("td").all()
    tops = [cell.bounding_box()["y"] for cell in cells]
    assert tops == sorted(set(tops))
    label = cells[1].evaluate("node => getComputedStyle(node, '::before').content")
    assert label == '"the paper asks"'


WIDE = """() => [...document.querySelectorAll('article figure.book-figure')].map(figure => {
    const [picture, words] = [figure.querySelector('img'), figure.querySelector('figcaption')]
    const [start, before] = [figure.getBoundingClientRect().left, words.getBoundingClientRect()]
    figure.scrollLeft = 10000
    const [end, after] = [picture.getBoundingClientRect().right, words.getBoundingClientRect()]
    return {natural: picture.naturalWidth, shown: picture.clientWidth, stop: figure.tabIndex,
            scrolled: figure.scrollLeft, cut: end - figure.getBoundingClientRect().right,
            words: [before.left - start, after.left - start, after.right - innerWidth]}
})"""


@pytest.mark.parametrize("name", ["book/beyond-collapse/05-summaries", "book/random-matrices/02-mixing"])
def test_wide_pictures_scroll_on_a_phone(phone, site, name):
    """At a width at which they can be read, to their end, by keyboard too; the words below stay, and the page does not move."""
    phone.goto(f"{site}/{name}.html")
    phone.wait_for_selector("html[data-tab-stops]")
    found = phone.evaluate(WIDE)
    wide = [each for each in found if each["natural"] > 850]
    assert wide
    for each in wide:
        assert each["shown"] >= 600
        assert each["stop"] == 0
        assert each["scrolled"] > 200
        assert each["cut"] <= 1
        before, after, beyond = each["words"]
        assert abs(after - before) <= 1
        assert beyond <= 0
    assert all(each["scrolled"] == 0 for each in found if each not in wide)
    assert phone.evaluate("document.documentElement.scrollWidth") <= phone.viewport_size["width"]
    phone.set_viewport_size({"width": 1200, "height": 900})
    phone.wait_for_selector("html[data-tab-stops='1200']")
    on_a_desk = {(each["scrolled"], each["stop"]) for each in phone.evaluate(WIDE)}
    assert on_a_desk == {(0, -1)}  # nothing scrolls, so there is no stop


def test_paper_is_white_and_nothing_is_cut(page, site):
    page.goto(f"{site}/{VERIFIERS}", wait_until="networkidle")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    page.wait_for_timeout(400)  # colours fade over a quarter of a second
    dark = "node => getComputedStyle(node).color.match(/\\d+/g).slice(0, 3).every(channel => Number(channel) < 110)"
    assert page.locator("article p").first.evaluate(dark)
    assert page.locator("article mjx-container").first.evaluate(dark)
    for code in page.locator("article pre:visible").all():
        assert code.evaluate("node => getComputedStyle(node).whiteSpace") == "pre-wrap"


@pytest.mark.parametrize("letter", ["θ", "ψ", "ρ"])
def test_greek_letters_are_found(page, site, letter):
    page.goto(f"{site}/search.html?q={letter}")
    page.locator("#search-results li").first.wait_for()
    assert page.locator("#search-results li a").count() >= 2


def test_a_search_in_latin_letters_is_as_before(page, site):
    counts = []
    for query in ("theta", "%CE%B8"):
        page.goto(f"{site}/search.html?q={query}")
        page.locator("#search-results li").first.wait_for()
        page.wait_for_timeout(500)
        counts.append(page.locator("#search-results > ul > li").count())
    assert counts[0] == counts[1] > 0


def test_every_page_has_a_description_and_a_picture(site):
    texts = {name.name: name.read_text(encoding="utf-8") for name in sorted((SITE / "book").glob("**/*.html"))}
    found = {}
    for name, text in texts.items():
        (found[name],) = re.findall(r'<meta name="description" content="([^"]{20,})"', text)
        assert '<meta property="og:image" content="' in text, name
    assert len(set(found.values())) > len(found) / 2  # each page has its own
    assert (SITE / "_static" / "preview.png").stat().st_size > 10_000


def test_downloaded_notebooks_say_where_they_belong(site):
    notebooks = sorted((SITE / "_sources" / "book").glob("*/*.ipynb"))
    assert notebooks
    for path in notebooks:
        assert "No module named 'lib'" in path.read_text(encoding="utf-8").split('"cell_type"')[1], path.name


def test_the_page_of_no_page(page, site):
    page.goto(f"{site}/404.html")
    assert page.get_by_role("heading", name="No such page").count() == 1
    page.get_by_role("searchbox").fill("breakdown")
    page.get_by_role("button").click()
    page.locator("#search-results li").first.wait_for()


def policy() -> str:
    """The content policy that the README names."""
    (found,) = re.findall(r"`Content-Security-Policy: ([^`]+)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    return found


class Strict(Quiet):
    def end_headers(self):
        self.send_header("Content-Security-Policy", policy())
        super().end_headers()


def test_the_policy_that_the_readme_names_is_enough(page):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Strict, directory=str(SITE)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        for name in (INTRO, "book/claims.html", VERIFIERS):
            open_page(page, f"http://127.0.0.1:{server.server_port}/{name}")
        assert "'none'" in policy()
    finally:
        server.shutdown()
        server.server_close()


FIRST = {"p": "label error", "epsilon": "label error", "phi": "right labels kept", "psi": "wrong labels kept"}


@pytest.mark.parametrize("name", PAGES)
def test_p_phi_and_psi_come_first_and_bear_the_same_words(name):
    """Each chapter keeps its paper's letter for them; in one of them p is the dimension."""
    text = (SITE / name).read_text(encoding="utf-8")
    for found in re.findall(r'<script type="application/json">(.*?)</script></figure>', text):
        listed = [slider for slider in json.loads(found)["sliders"] if not slider["label"].startswith("dimension")]
        named = [slider["name"] for slider in listed if slider["name"] in FIRST]
        assert [slider["name"] for slider in json.loads(found)["sliders"]][: len(named)] == named
        assert named == [each for each in FIRST if each in named]
        for slider in listed:
            if slider["name"] in FIRST:
                assert slider["label"].startswith(FIRST[slider["name"]]), slider["label"]
