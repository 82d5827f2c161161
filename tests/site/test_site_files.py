"""extensions/site_files.py and book_site.py: what the build writes beside the pages and into them."""

import json
import re
from types import SimpleNamespace
from xml.etree import ElementTree

import book_site
import pytest
import site_files
from matplotlib import image

REPOSITORY = "https://github.com/someone/a-book"


@pytest.fixture
def public(monkeypatch):
    """A book with a public repository."""
    monkeypatch.delenv("BOOK_URL", raising=False)
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/a-book")


@pytest.fixture
def private(monkeypatch):
    """A book without one."""
    monkeypatch.delenv("BOOK_URL", raising=False)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    monkeypatch.setattr(site_files, "_remote", lambda: "")


@pytest.mark.parametrize(
    ("repository", "address"),
    [
        ("Someone/a-book", "https://someone.github.io/a-book/"),
        ("someone/someone.github.io", "https://someone.github.io/"),
    ],
)
def test_address_of_a_repositorys_pages(monkeypatch, repository, address):
    monkeypatch.delenv("BOOK_URL", raising=False)
    monkeypatch.setenv("GITHUB_REPOSITORY", repository)
    assert site_files.address() == address
    monkeypatch.setenv("BOOK_URL", "https://book.example/path")
    assert site_files.address() == "https://book.example/path/"


def test_no_address_without_a_repository(private):
    assert site_files.address() == ""


def options():
    return SimpleNamespace(
        html_theme_options={"repository_url": "https://github.com/other/book", "use_repository_button": False}
    )


def test_pages_link_to_the_repository_where_there_is_one(public):
    config = options()
    book_site.configure(None, config)
    assert config.html_theme_options["repository_url"] == REPOSITORY
    assert config.html_theme_options["use_repository_button"] is True


def test_no_button_leads_nowhere(private):
    config = options()
    book_site.configure(None, config)
    assert "repository_url" not in config.html_theme_options
    assert config.html_theme_options["use_repository_button"] is False


def test_sitemap_lists_every_page():
    pages = ["book/intro", "book/claims"]
    root = ElementTree.fromstring(site_files.sitemap("https://a.example/b/", pages).encode())
    found = [each.text for each in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert found == [f"https://a.example/b/{page}.html" for page in pages]


def test_the_page_of_no_page_links_from_the_root_and_loads_nothing():
    text = site_files.not_found("/a-book/")
    links = re.findall(r'(?:href|action)="([^"]+)"', text)
    assert {link for link in links if not link.startswith("data:")} == {
        "/a-book/book/intro.html",
        "/a-book/book/claims.html",
        "/a-book/book/notation.html",
        "/a-book/search.html",
    }
    assert "src=" not in text
    assert "noindex" in text


def test_a_downloaded_notebook_says_where_its_library_is(public):
    notebook = {"cells": [{"cell_type": "code", "id": "one", "source": ["from lib import explore"]}], "nbformat": 4}
    twice = site_files.with_origin(site_files.with_origin(notebook))
    assert [cell["cell_type"] for cell in twice["cells"]] == ["markdown", "code"]
    words = "".join(twice["cells"][0]["source"])
    assert "No module named 'lib'" in words
    assert f"git clone {REPOSITORY}" in words
    assert "make lab" in words
    assert len(notebook["cells"]) == 1


def test_a_downloaded_notebook_without_a_repository(private):
    words = json.dumps(site_files.with_origin({"cells": []}))
    assert "make lab" in words
    assert "git clone" not in words


def test_preview_has_the_size_that_others_show(tmp_path):
    site_files.preview(tmp_path / "preview.png")
    pixels = image.imread(tmp_path / "preview.png")
    assert pixels.shape[:2] == (630, 1200)
    assert 0.5 < pixels[..., :3].mean() < 1  # neither empty nor black


def test_description_is_the_first_sentence_of_a_page(private):
    context = {
        "body": "<h1>T</h1><p>A <em>generator</em> errs on \\(p\\) &amp; more.</p><p>Other.</p>",
        "title": "Title",
    }
    site_files.describe(None, "book/a/page", "page.html", context, None)
    assert '<meta name="description" content="A generator errs on p &amp; more.">' in context["metatags"]
    assert '<meta property="og:image" content="../../_static/preview.png">' in context["metatags"]
    assert "og:url" not in context["metatags"]


def test_a_published_page_names_its_address(public):
    context = {"body": "", "title": "Title", "project": "A book"}
    site_files.describe(None, "book/page", "page.html", context, None)
    base = "https://someone.github.io/a-book/"
    assert f'<meta property="og:url" content="{base}book/page.html">' in context["metatags"]
    assert f'<meta property="og:image" content="{base}_static/preview.png">' in context["metatags"]


def test_plain_ends_at_a_word():
    text = site_files.plain("word " * 100)
    assert text.endswith("word …")
    assert len(text) <= site_files.DESCRIPTION_LENGTH + 2


HEAD = '<table class="table"><thead><tr><th class="head"><p>a &amp; b</p></th><th><p>c</p></th></tr></thead>'


def test_cells_of_a_wordy_table_name_their_columns():
    table = (
        HEAD
        + "<tbody><tr><td><p>1</p></td><td>"
        + "w " * 20
        + "</td></tr><tr><td>1</td><td>2</td></tr></tbody></table>"
    )
    stacked = book_site.stacked(table)
    assert re.findall(r'<td data-label="([^"]*)">', stacked) == ["a &amp; b", "c", "a &amp; b", "c"]
    assert 'class="stacked table"' in stacked
    assert re.sub(r' data-label="[^"]*"', "", stacked).replace("stacked ", "") == table


@pytest.mark.parametrize(
    "table",
    [
        HEAD + "<tbody><tr><td>1.234</td><td>5.678</td></tr></tbody></table>",  # numbers scroll
        "<table><tbody><tr><td>" + "w " * 20 + "</td></tr></tbody></table>",  # no names to show
        HEAD + "<tbody><tr><th>x</th><td>" + "w " * 20 + "</td></tr></tbody></table>",  # a data frame, its index first
    ],
)
def test_other_tables_stay_as_they_are(table):
    assert book_site.stacked(table) == table
