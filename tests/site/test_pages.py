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
FIRST = "book/beyond-collapse/01-phase-transition.html"  # the heaviest way in: figures, mathematics and a slider
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 720}


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


# A library sets all formulas alike: three stand for the rest, for every rule but contrast.
ALL_STOP = """() => [...document.querySelectorAll('article table, article pre')].every(
    box => box.scrollWidth <= box.clientWidth || box.hasAttribute('tabindex'))"""
FEW_FORMULAS = (
    "() => [...document.querySelectorAll('mjx-container')].slice(3).forEach(formula => formula.replaceChildren())"
)

# The contrast of words is decided by their colour, what they stand on, their size and weight, in both themes. Of words in which
# all these are alike the first stand for all. A formula has the colour of its line.
FEW_WORDS = """() => {
    document.querySelectorAll('mjx-container').forEach(formula => formula.replaceChildren())
    document.head.append(Object.assign(document.createElement('style'), { textContent: '* { transition: none !important }' }))
    const own = element => [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE && node.nodeValue.trim())
    const worded = [...document.querySelectorAll('body *:not(script, style)')].filter(element => own(element).length)
    const looks = element => {
        const { color, fontSize, fontWeight } = getComputedStyle(element)
        const found = [color, fontSize, fontWeight]
        for (let each = element, ground = ''; each; each = each.parentElement) {
            const { backgroundColor, backgroundImage, opacity } = getComputedStyle(each)
            if (opacity !== '1') found.push(opacity)
            if (!ground && (backgroundColor !== 'rgba(0, 0, 0, 0)' || backgroundImage !== 'none'))
                found.push(ground = backgroundColor + backgroundImage)
        }
        return found.join()
    }
    const keys = worded.map(() => '')
    for (const theme of ['light', 'dark']) {
        document.documentElement.dataset.theme = theme
        worded.forEach((element, k) => { keys[k] += looks(element) })
    }
    const seen = new Set()
    worded.forEach((element, k) => seen.has(keys[k]) ? own(element).forEach(node => node.remove()) : seen.add(keys[k]))
    for (const element of [...document.querySelectorAll('article *')].reverse())
        if (!element.childNodes.length && element.matches('span, td, p, code, em, strong, a, mjx-container')) element.remove()
}"""


# Formulas of a line that end beyond the page, and those that should scroll but cannot be reached or do not.
CUT = """width => [...document.querySelectorAll('article mjx-container:not([display])')].filter(node => {
    const box = node.getBoundingClientRect()
    return box.width > 0 && box.right > width + 1 && !node.closest('table')
}).map(node => node.textContent)"""
STUCK = """() => [...document.querySelectorAll('article .formula-wide')].filter(
    node => node.getAttribute('tabindex') !== '0' || node.scrollWidth <= node.clientWidth).map(node => node.textContent)"""

# Numbers of equations that break into two lines.
BROKEN = """() => [...document.querySelectorAll('article .eqno')].filter(
    node => node.getBoundingClientRect().height > 1.5 * parseFloat(getComputedStyle(node).lineHeight)
).map(node => node.textContent)"""


def violations(page, options: dict, *, contrast: bool) -> str:
    """What axe finds, in words; "" if nothing. Whether it looked at contrast must be as said."""
    found = Axe().run(page, options=options | {"resultTypes": ["violations"]})
    seen = {rule["id"] for kind in ("passes", "incomplete", "violations") for rule in found.response[kind]}
    assert (CONTRAST in seen) is contrast
    return found.generate_report()[:5000] if found.violations_count else ""


def contrasts(page) -> dict[str, str]:
    """What is too pale, in either theme."""
    page.evaluate(FEW_WORDS)
    found = {}
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        found[theme] = violations(page, ONLY_CONTRAST, contrast=True)
    return found


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

    def log_message(self, *arguments):
        pass


def resized(page, size: dict[str, int]) -> None:
    """Another size, with the list of pages slid in or out, after which whatever scrolls has its tab stop again."""
    page.set_viewport_size(size)
    settle(page)
    page.evaluate("() => Promise.allSettled(document.getAnimations().map(each => each.finished))")
    page.wait_for_function(ALL_STOP, timeout=30_000)


@pytest.fixture(scope="module")
def visit(browser):
    """What is found on a page, by name. Each is opened once, on a phone, the heaviest first, with one cache, as a reader has."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(viewport=PHONE)
    found = {}

    def look(name: str) -> dict:
        before, watched = Counting.sent, Watched(context, f"http://127.0.0.1:{server.server_port}")
        page = watched.open(name)
        seen = {"bytes": Counting.sent - before, "width": page.evaluate("document.documentElement.scrollWidth")}
        seen["formulas"] = []
        for width in (390, 320):
            resized(page, PHONE | {"width": width})
            seen["formulas"] += page.evaluate(CUT, width) + page.evaluate(STUCK) + page.evaluate(BROKEN)
        resized(page, DESK)
        seen["complaints"] = list(watched.complaints)  # before axe, which asks for style sheets of its own accord
        page.evaluate(FEW_FORMULAS)
        seen["rules"] = violations(page, ALL_OTHER, contrast=False)
        if "/api/" not in name or name == LONGEST_OF_THE_API:
            seen |= contrasts(page)
        page.close()
        return seen

    def of(name: str) -> dict:
        for each in (FIRST, name):
            if each not in found:
                found[each] = look(each)
        return found[name]

    yield of
    context.close()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", PAGES)
def test_page_is_quiet_and_accessible(visit, name):
    """All rules; contrast, which takes most of the time, apart, in both themes. The pages of the API have one template and one
    kind of content: for contrast the longest of them stands for all."""
    seen = visit(name)
    assert seen["complaints"] == []
    assert {kind: seen[kind] for kind in ("rules", "light", "dark") if seen.get(kind)} == {}
    assert ("light" in seen) is ("/api/" not in name or name == LONGEST_OF_THE_API)


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_a_phone(visit, name):
    assert visit(name)["width"] <= PHONE["width"]


@pytest.mark.parametrize("name", PAGES)
def test_long_formulas_scroll_and_numbers_keep_their_line(visit, name):
    assert visit(name)["formulas"] == []


@pytest.mark.parametrize("name", PAGES)
def test_weight_of_a_visit(visit, name):
    assert (0.1e6 if name == FIRST else 0) < visit(name)["bytes"] < (FIRST_VISIT if name == FIRST else NEXT_VISIT)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_contrast_is_seen_among_few_words(watched, theme):
    """A pale word of each kind, among many of its kind, is found in the theme in which it is pale, after the others are gone."""
    page, places = (
        watched.open(FIRST),
        ["article pre span[class]", "article p", "article td, article td *", "article a, article a *"],
    )
    page.evaluate(
        """([places, theme, pale]) => places.forEach((place, k) => {
            const text = node => node.nodeType === Node.TEXT_NODE && /[a-z]{2}/.test(node.nodeValue)
            const kind = [...document.querySelectorAll(place)].filter(each => [...each.childNodes].some(text))
            kind[Math.floor(kind.length / 2)].classList.add(`pale-${k}`)
            const rule = `html[data-theme=${theme}] article .pale-${k} { color: ${pale} !important }`
            document.head.append(Object.assign(document.createElement('style'), { textContent: rule }))
        })""",
        [places, theme, {"light": "#eee", "dark": "#222"}[theme]],
    )
    found = contrasts(page)
    seen = found.pop(theme)
    assert [place for k, place in enumerate(places) if f"pale-{k}" not in seen] == []
    assert list(found.values()) == [""]


def test_search_finds_the_breakdown_point(watched):
    page = watched.open("search.html?q=breakdown+point")
    page.wait_for_selector("#search-results li")
    assert page.locator("#search-results a[href*='01-phase-transition']").count()
    assert watched.complaints == []


def test_equations_link_to_functions_and_back(watched):
    page = watched.open(FIRST)
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
