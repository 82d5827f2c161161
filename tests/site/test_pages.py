"""Every built page in a real browser: nothing leaves the machine, no error, no violation, light enough, searchable."""

import gzip
import re
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import settle

from lib.claims import table, words

SITE = Path(__file__).resolve().parents[2] / "_build" / "html"
PAGES = sorted(
    str(path.relative_to(SITE))
    for path in (SITE / "book").rglob("*.html")
    if path.stem not in ("genindex", "py-modindex", "search")
)
FIRST_VISIT, NEXT_VISIT = 2.5e6, 0.6e6  # bytes, compressed: the book's promise to a reader on a phone
LONGEST_OF_THE_API = max(
    (name for name in PAGES if "/api/" in name), key=lambda name: (SITE / name).stat().st_size, default=""
)
CONTRAST = "color-contrast"
ALL_OTHER = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa"]}, "rules": {CONTRAST: {"enabled": False}}}
ONLY_CONTRAST = {"runOnly": {"type": "rule", "values": [CONTRAST]}}


def test_the_site_is_built():
    assert PAGES, "run `make book` first"


class Watched:
    """A page with what went wrong on it: foreign requests, console errors, script errors."""

    def __init__(self, context, site):
        self.page, self.site, self.complaints = context.new_page(), site, []
        self.page.on("request", self._request)
        self.page.on("console", lambda m: m.type == "error" and self.complaints.append(f"console: {m.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def _request(self, request):
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.complaints.append(f"request: {request.url}")

    def open(self, name):
        self.page.goto(f"{self.site}/{name}", wait_until="networkidle")
        settle(self.page)
        return self.page


@pytest.fixture
def watched(browser, site):
    context = browser.new_context()
    yield Watched(context, site)
    context.close()


@pytest.mark.parametrize("name", [name for name in PAGES if "/api/" not in name])
def test_no_markup_is_left_in_the_text(name):
    """Sentences that a notebook computes go through the same parser as its prose: no raw formula, no raw role."""
    text = (SITE / name).read_text()
    for element in ("script", "pre", "code"):
        text = re.sub(rf"<{element}\b.*?</{element}>", "`", text, flags=re.DOTALL)
    text = re.sub(r'<(span|div) class="math.*?</\1>', "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", "", text)
    assert re.findall(r"\$[^$\n]{1,80}\$|\{[a-z:]+\}`", text) == []


# What has its colour from somewhere else, and is most of a page: a formula has that of its line; of the words of code one of
# each kind stands for all in its box.
THIN = """() => {
    document.querySelectorAll('mjx-container').forEach(formula => formula.replaceChildren())
    for (const box of document.querySelectorAll('pre')) {
        const seen = new Set()
        for (const word of box.querySelectorAll('span[class]:not(:has(span))'))
            seen.has(word.className) ? word.remove() : seen.add(word.className)
    }
}"""


def violations(page, options: dict, *, contrast: bool) -> str:
    """What axe finds, in words; "" if nothing. Whether it looked at contrast must be as said."""
    found = Axe().run(page, options=options | {"resultTypes": ["violations"]})
    seen = {rule["id"] for kind in ("passes", "incomplete", "violations") for rule in found.response[kind]}
    assert (CONTRAST in seen) is contrast
    return found.generate_report()[:2000] if found.violations_count else ""


@pytest.mark.parametrize("name", PAGES)
def test_page_is_quiet_and_accessible(watched, name):
    """All rules; contrast, which takes most of the time, apart, in both themes. The pages of the API have one template and one
    kind of content: for contrast the longest of them stands for all."""
    page = watched.open(name)
    assert watched.complaints == []
    assert violations(page, ALL_OTHER, contrast=False) == ""
    if "/api/" in name and name != LONGEST_OF_THE_API:
        return
    page.evaluate(THIN)
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        page.wait_for_timeout(300)  # colours fade over a quarter of a second
        assert violations(page, ONLY_CONTRAST, contrast=True) == "", theme


def test_contrast_is_seen_in_thinned_pages(watched):
    """A pale word of code and a pale sentence are found after what is left out is gone."""
    page = watched.open("book/beyond-collapse/01-phase-transition.html")
    page.evaluate(THIN)
    for place in ("article pre span[class]", "article p"):
        page.evaluate("place => { document.querySelector(place).style.color = '#eee' }", place)
        assert CONTRAST in violations(page, ONLY_CONTRAST, contrast=True), place
        page.evaluate("place => { document.querySelector(place).style.color = '' }", place)


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_a_phone(browser, site, name):
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{site}/{name}", wait_until="networkidle")
    width = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert width <= 360


class Counting(SimpleHTTPRequestHandler):
    """Serves the site and adds up what it sends, compressed, each file once.

    A reader's browser keeps on disk what it has; one without a disk, as in a test, drops the largest files when memory is short.
    """

    sent, kept = 0, set()

    def __init__(self, *arguments):
        super().__init__(*arguments, directory=str(SITE))

    def log_request(self, code="-", size="-"):
        path = Path(self.translate_path(self.path))
        if code == 200 and path.is_file() and path not in self.kept:
            self.kept.add(path)
            type(self).sent += len(gzip.compress(path.read_bytes(), 6))


def test_weight_of_a_visit(browser):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context()  # one cache for all pages, as a reader has
    first = "book/beyond-collapse/01-phase-transition.html"  # the heaviest way in: figures, mathematics and a slider
    weights = {}
    for name in [first, *[name for name in PAGES if name != first]]:
        before, page = Counting.sent, context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/{name}", wait_until="networkidle")
        weights[name] = Counting.sent - before
        page.close()
    context.close()
    server.shutdown()
    server.server_close()
    assert 0.1e6 < weights.pop(first) < FIRST_VISIT
    assert max(weights.values()) < NEXT_VISIT, weights


def test_search_finds_the_breakdown_point(watched):
    page = watched.open("search.html?q=breakdown+point")
    page.wait_for_selector("#search-results li")
    assert page.locator("#search-results a[href*='01-phase-transition']").count()
    assert watched.complaints == []


def test_equations_link_to_functions_and_back(watched):
    page = watched.open("book/beyond-collapse/01-phase-transition.html")
    link = page.locator("a[href*='api/theory.html#lib.theory.beyond_collapse.breakdown.breakdown_point']").first
    link.click()
    entry = page.locator("dl:has(#lib\\.theory\\.beyond_collapse\\.breakdown\\.breakdown_point)")
    back = entry.locator("a[href*='01-phase-transition.html#equation-eq-breakdown-point']")
    back.first.wait_for(state="attached")  # a long page: a click does not wait until it is there
    assert back.count() == 1
    back.click()
    assert re.search(r"01-phase-transition\.html#equation-eq-breakdown-point$", page.url)
    assert page.locator("#equation-eq-breakdown-point").count() == 1


def test_every_claim_has_a_permalink(watched):
    page = watched.open("book/claims.html")
    for key in table.claims():
        assert page.locator(f"#{words.anchor(key)}").count() == 1, key


@pytest.mark.parametrize("name", PAGES)
def test_images_have_words(name):
    article = (SITE / name).read_text().split("<article", 1)[1].split("</article>", 1)[0]
    for image in re.findall(r"<img\b[^>]*>", article):
        assert re.search(r'\balt="[^"]', image), image
