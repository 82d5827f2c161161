"""extensions/book_pdf.py and what it stands on: a small book, built and printed; the link to it; what stops the printing."""

import os
import re
import subprocess
import sys

import book_pdf
import pdf_book
import pdf_link
import pdf_pages
import pytest
from browser import serve
from conftest import MICROPYTHON, ROOT, missing
from pypdf import PdfReader
from pypdf.generic import FloatObject

ABOUT = book_pdf.About("A small book", "Its authors", "9.9", "revision abc1234 of 2020-01-02")
# the contents of pdf_book: bookmark, sheet, and what lies below it; a page's headings lie below the page
BOOKMARKS = [
    ("A small book", 3, [("On the same page", 3, [])]),
    ("Part one", 4, [("Page one", 4, [("Further down", 7, [])]), ("Page two", 8, [])]),
    ("Part two", 9, [("Page three", 9, [("Page four", 10, [("Further down", 10, [])])])]),
]


@pytest.fixture(scope="module")
def site(browser, tmp_path_factory):
    """The small book's site, printed once; what was said of it is in ``said``."""
    if not MICROPYTHON.is_dir():
        missing("node_modules is not there: run `make book`")
    built, said = pdf_book.build(tmp_path_factory.mktemp("small")), []
    book_pdf.make(browser, built, ABOUT, say=said.append)
    (built / "said").write_text("\n".join(said))
    return built


@pytest.fixture(scope="module")
def pdf(site):
    return PdfReader(site / pdf_link.NAME)


def text(sheet) -> str:
    return sheet.extract_text().replace("ﬁ", "fi")


def words_of(sheet) -> list[tuple[float, float, str]]:
    """Pieces of text with the place of each in points, from the left and from the bottom."""
    found = []

    def note(words, page, line, *_):
        x, y = line[4], line[5]
        if words.strip():
            found.append((x * page[0] + y * page[2] + page[4], x * page[1] + y * page[3] + page[5], words.strip()))

    sheet.extract_text(visitor_text=note)
    return found


def links(pdf, sheet: int) -> dict[str, tuple[int, float | None] | str]:
    """Of a sheet, counted from 1: the line that each link stands on, and the sheet and height, or the address, it leads to."""
    found, numbers = {}, {each.indirect_reference.idnum: k + 1 for k, each in enumerate(pdf.pages)}
    lines = words_of(pdf.pages[sheet - 1])
    for each in pdf.pages[sheet - 1].get("/Annots", ()):
        link = each.get_object()
        _, low, _, high = (float(side) for side in link["/Rect"])
        line = " ".join(words for _, y, words in lines if low <= y < high)
        if "/Dest" in link:
            target, _, _, top, _ = link["/Dest"]
            found[line] = (numbers[target.idnum], float(top) if isinstance(top, FloatObject) else None)
        else:
            found[line] = str(link["/A"]["/URI"])
    return found


def nested(pdf, items) -> list:
    """Bookmarks as in BOOKMARKS: pypdf gives what lies below one as a list after it."""
    found = []
    for each in items:
        if isinstance(each, list):
            found[-1][2].extend(nested(pdf, each))
        else:
            found.append((each["/Title"], pdf.get_destination_page_number(each) + 1, []))
    return found


def test_bookmarks_are_the_contents_of_the_site(pdf):
    assert nested(pdf, pdf.outline) == BOOKMARKS
    for k in (3, 7, 8, 9, 10):  # and they lead to sheets where these words stand
        titles = [title for title, sheet in flat(BOOKMARKS) if sheet == k and not title.startswith("Part")]
        assert titles
        assert all(title in text(pdf.pages[k - 1]) for title in titles)


def flat(items):
    for title, sheet, below in items:
        yield title, sheet
        yield from flat(below)


def test_contents_name_the_sheets_and_sheets_bear_their_numbers(pdf):
    lines = dict(re.findall(r"^(\S.*?)\s*\n?(\d+)$", text(pdf.pages[1]).split("Contents")[1], re.MULTILINE))
    assert lines == {
        title: str(sheet) for title, sheet in flat(BOOKMARKS) if title not in ("Further down", "On the same page")
    }
    for k, sheet in enumerate(pdf.pages):
        number = re.match(r"(\d+)A small book", text(sheet))
        assert number is None if k == 0 else int(number[1]) == k + 1


def test_the_title_page_says_which_revision(pdf):
    words = text(pdf.pages[0])
    assert ABOUT.title in words
    assert f"Version {ABOUT.version}, {ABOUT.revision}" in words
    assert pdf.metadata["/Subject"] == f"version {ABOUT.version}, {ABOUT.revision}"


def test_links_jump_inside_the_file_or_lead_to_the_web(pdf):
    found = links(pdf, 3)
    sheet, top = found["The heading further down"]
    assert (sheet, top > 500) == (7, True)
    assert found["What lies elsewhere"] == "https://elsewhere.example/page"
    assert found["The same page"][0] == 3
    assert "File beside the pages" not in found  # that is not in the PDF, and the site has no address
    assert links(pdf, 8)["Back to one"] == (4, None)
    both = links(pdf, 10)
    assert both["Here"][0] == 10  # another page has a place of the same name
    assert both["Here"][1] > 500
    assert both["A form"] == (10, None)  # a form is not on paper


def test_a_jump_ends_at_its_heading(pdf):
    """Less than a heading's height above its letters: at the first of a sheet and further down."""
    for sheet, line, target in ((3, "The heading further down", 7), (10, "Here", 10), (3, "The same page", 3)):
        words = "On the same page" if target == 3 else "Further down"
        letters = [y for _, y, each in words_of(pdf.pages[target - 1]) if each == words]
        assert 0 < links(pdf, sheet)[line][1] - max(letters) < 40


def test_no_link_leads_to_the_server_that_printed(pdf, site):
    targets = [target for k in range(len(pdf.pages)) for target in links(pdf, k + 1).values()]
    assert len(targets) > 15
    assert {target for target in targets if isinstance(target, str)} == {
        "https://elsewhere.example/page",
        "https://creativecommons.org/licenses/by/4.0/",
    }
    assert b"127.0.0.1" not in (site / pdf_link.NAME).read_bytes()
    assert "not on paper" in (site / "said").read_text()


def test_a_published_book_links_to_what_is_not_in_it(browser, site):
    with serve(site) as address:
        names, base = ["book/intro.html", "book/part/one.html"], "https://book.example/"
        given = {"base": base, "start": 1, "foot": "x"}
        intro, one = (pdf_pages.printed(browser, address, name, names, **given).pdf for name in names)
    assert b"(https://book.example/genindex.html)" in intro
    assert b"(https://book.example/book/part/two.html)" in intro  # as if it were no page of the book
    assert b"(https://book.example/book/part/one.html#explore-orthant)" in one  # where the sliders live


def test_prose_figures_and_answers_are_there_and_code_and_controls_are_not(pdf):
    words = text(pdf.pages[3])
    for there in (
        "Words before.",
        "A caption.",
        "Its sliders are live in the book’s web pages",
    ):
        assert there in words
    assert "Hidden till opened." in text(pdf.pages[7])
    assert "The answer is seventeen." in text(pdf.pages[6])
    states = [each.get_object() for each in pdf.pages[6]["/Resources"]["/ExtGState"].values()]
    # opaque, not printed while it fades in; the theme draws its hairlines at a tenth
    assert {round(float(state.get("/ca", 1)), 1) for state in states} == {0.1, 1}
    everything = "\n".join(text(sheet) for sheet in pdf.pages)
    for gone in (
        "long_code",
        "typed in",
        "Show the code",
        "Data as CSV",
        "Reset",
        "Copy link",
        "Press me",
        "Search",
        "Settings",
    ):
        assert gone not in everything
    (picture,) = [each for each in pdf.pages[3].images if each.image.size == (2, 2)]
    assert picture
    assert sum(len(sheet.images) for sheet in pdf.pages) == 1


def curves(sheet) -> int:
    """Bent pieces of outlines that a sheet draws: letters of formulas are drawn, those of text are not."""
    return len(re.findall(rb"^[-\d. ]+ c$", sheet["/Contents"].get_object().get_data(), re.MULTILINE))


def test_formulas_are_set(pdf):
    assert curves(pdf.pages[3]) > 100
    assert curves(pdf.pages[4]) < 10  # filler
    assert "frac" not in text(pdf.pages[3])
    assert "(1)" in text(pdf.pages[3])


def test_a_wide_table_stays_between_the_margins(pdf, site):
    """It would be 1400 pixels wide, on a sheet of 822."""
    lefts = [x for x, _, words in words_of(pdf.pages[3]) if words.startswith("13.0123")]
    assert len(lefts) == 3
    margin = 18 / 25.4 * 72
    assert all(margin < x < float(pdf.pages[3].mediabox.right) - margin - 10 for x in lefts)
    assert "wider than the sheet" not in (site / "said").read_text()


def test_what_is_too_wide_is_said(browser, tmp_path):
    wide = "<div style='width: 2000px'>Cut off</div>"
    (tmp_path / "page.html").write_text(READY + f"<article>{wide}</article>")
    with serve(tmp_path) as address:
        (what,) = pdf_pages.printed(browser, address, "page.html", ["page.html"], base="", start=1, foot="").cut
    assert "Cut off" in what


READY = "<!doctype html><script>document.documentElement.dataset.tabStops = innerWidth</script>"


def test_a_page_that_asks_for_something_elsewhere_is_refused(browser, tmp_path):
    (tmp_path / "page.html").write_text(READY + "<article><img src='http://192.0.2.1/picture.png'></article>")
    with (
        serve(tmp_path) as address,
        pytest.raises(ValueError, match=r"page.html asks for .*http://192\.0\.2\.1/picture\.png"),
    ):
        pdf_pages.printed(browser, address, "page.html", ["page.html"], base="", start=1, foot="")


def test_what_fails_midway_leaves_the_file_that_was_there(browser, site):
    before, page = (site / pdf_link.NAME).read_bytes(), site / "book/part/two.html"
    kept = page.read_bytes()
    page.unlink()
    said = []
    try:
        with pytest.raises(ValueError, match=r"book/part/two.html is not on the site \(HTTP 404\): run `make book`"):
            book_pdf.make(browser, site, ABOUT, say=said.append)
    finally:
        page.write_bytes(kept)
    assert any("book/part/one.html" in line for line in said)  # it had begun
    assert (site / pdf_link.NAME).read_bytes() == before
    assert list(site.glob("*.part*")) == []


def test_a_file_that_is_too_large_is_refused(pdf, site, monkeypatch):
    before = (site / pdf_link.NAME).read_bytes()
    monkeypatch.setattr(book_pdf, "LARGEST", 1000)
    with pytest.raises(ValueError, match=r"the PDF has 0\.\d MB; allowed: up to"):
        book_pdf.written(book_pdf.PdfWriter(clone_from=pdf), site / pdf_link.NAME)
    assert (site / pdf_link.NAME).read_bytes() == before
    assert list(site.glob("*.part*")) == []


def test_the_first_page_offers_the_file_where_it_is_there(site):
    page, file = site / "book/intro.html", site / pdf_link.NAME
    offered = page.read_text()
    assert f'href="../{pdf_link.NAME}"' in offered
    assert f"10 pages, {file.stat().st_size / 1e6:.1f} MB; version 9.9, revision abc1234 of 2020-01-02" in offered
    content = file.read_bytes()
    for other in (None, b"%PDF-1.4 cut off"):
        file.unlink() if other is None else file.write_bytes(other)
        pdf_link.offer(site)
        assert '<div class="book-pdf"></div>' in page.read_text()
        assert pdf_link.NAME not in page.read_text()
    file.write_bytes(content)
    pdf_link.offer(site)
    assert page.read_text() == offered


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (None, "no PDF: {} is no built book: run `make book`\n"),
        ("/nowhere", "no PDF: there is no Chromium on the PATH: install it (apt-get install chromium)\n"),
    ],
)
def test_the_command_ends_with_a_sentence(tmp_path, path, sentence):
    code = "import sys, pathlib; sys.path.insert(0, 'extensions'); import book_pdf; book_pdf.main(pathlib.Path(sys.argv[1]))"
    env = os.environ | ({} if path is None else {"PATH": path})
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (1, sentence.format(tmp_path))


def test_the_words_below_a_sheet_end_no_style():
    assert "</style>" not in pdf_pages.sheet('a "b" </style>', 1)
