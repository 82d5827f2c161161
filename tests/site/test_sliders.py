"""Live slider figures in a real browser: on a page of their own, and every one in the built book."""

import csv
import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import SITE, leaflet_figures, open_page

from lib.explore import sliders

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def settings_of(figure) -> dict:
    return json.loads(figure.locator("script[type='application/json']").text_content())


def drawn_now(figure) -> dict:
    """What the figure shows, once it shows what its sliders say."""
    handle = figure.element_handle()
    figure.page.wait_for_function(
        """figure => [...figure.querySelectorAll('input')].every(
            input => figure.explore.positions[input.name] === input.valueAsNumber)""",
        arg=handle,
    )
    return figure.evaluate("figure => figure.explore")


def numbers(path: str) -> list[int]:
    return [int(number) for number in re.findall(r"-?\d+", path)]


def assert_equals_python(figure):
    """Values to 1e-9; paths to one unit in the drawing's 10,000, since a value may lie at the border of two."""
    settings, drawn = settings_of(figure), drawn_now(figure)
    wanted = sliders.update(settings, drawn["positions"])
    assert drawn["xs"] == pytest.approx(wanted["xs"], rel=0, abs=1e-9)
    assert drawn["texts"] == wanted["texts"]
    assert drawn["y"] == wanted["y"]
    labels = [y["label"] for y in (wanted["y"], *wanted["panels"])]
    assert drawn["panels"] == wanted["panels"]
    assert figure.locator(".explore-y-label").all_text_contents() == labels
    assert drawn["message"] == wanted["message"] == figure.locator(".explore-status").text_content()
    curves = figure.locator(".explore-plot .explore-line").all()
    for line, expected, curve in zip(drawn["lines"], wanted["lines"], curves, strict=True):
        gaps = [value is None for value in expected["values"]]
        assert [value is None for value in line["values"]] == gaps
        there = [value for value in line["values"] if value is not None]
        assert there == pytest.approx([value for value in expected["values"] if value is not None], rel=0, abs=1e-9)
        assert line.get("at") == (
            None if expected.get("at") is None else pytest.approx(expected["at"], rel=0, abs=1e-9)
        )
        path = curve.get_attribute("d")
        assert re.sub(r"-?\d+", "", path) == re.sub(r"-?\d+", "", expected["path"])
        assert numbers(path) == pytest.approx(numbers(expected["path"]), abs=1)
    assert figure.locator(".explore-readouts dd").all_text_contents() == [each["text"] for each in wanted["readouts"]]


def exercise(figure):
    """Each slider to its ends and beside its default, by keyboard; what is drawn equals Python's each time."""
    assert_equals_python(figure)
    for name in [slider["name"] for slider in settings_of(figure)["sliders"]]:
        control = figure.locator(f"input[name='{name}']")
        for key in ("ArrowRight", "End", "ArrowLeft", "Home"):
            control.press(key)
            assert_equals_python(figure)
        figure.locator(".explore-reset").click()
    assert_equals_python(figure)


def python_files(page, address):
    """Paths of the Python files that a page asks for."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, address)
    return sorted(url.partition("/_static/python/")[2] for url in asked if url.endswith(".py"))


def test_a_page_loads_what_its_functions_import(page, leaflet):
    needed = {path for figure in leaflet_figures() for path in figure.settings["files"]}
    assert python_files(page, leaflet) == sorted(needed)
    assert {"lib/theory/gaussian.py", "lib/theory/lazy_walk.py"} < needed
    assert not {path for path in needed if "random_matrices" in path or "reverse_bottleneck" in path}


@pytest.mark.parametrize("name", ["orthant", "transition", "band", "panels"])
def test_the_drawn_curve_is_pythons(page, leaflet, name):
    open_page(page, leaflet)
    exercise(page.locator(f"#explore-{name}"))


def test_mouse_moves_the_curve_and_keyboard_the_mark(page, leaflet):
    open_page(page, leaflet)
    figure = page.locator("#explore-orthant")
    path, mark = figure.locator(".explore-plot .explore-line"), figure.locator(".explore-mark")
    before = path.get_attribute("d"), mark.get_attribute("d")
    figure.locator("input[name=rho12]").press("PageUp")
    drawn_now(figure)
    assert path.get_attribute("d") == before[0]
    assert mark.get_attribute("d") != before[1]
    control = figure.locator("input[name=rho13]")
    box = control.bounding_box()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2, steps=20)
    page.mouse.up()
    assert drawn_now(figure)["positions"]["rho13"] == pytest.approx(-0.4, abs=0.05)
    assert path.get_attribute("d") != before[0]
    assert (
        control.get_attribute("aria-valuetext")
        == figure.locator("label:has([name=rho13]) .explore-number").inner_text()
    )
    assert_equals_python(figure)


def test_a_refusal_is_shown_as_gap_and_sentence(page, leaflet):
    open_page(page, leaflet)
    figure = page.locator("#explore-orthant")
    figure.locator("input[name=rho12]").press("Home")
    drawn_now(figure)
    assert "is no correlation matrix" in figure.locator(".explore-status").inner_text()
    assert figure.locator(".explore-dot").get_attribute("d") == ""
    assert "not defined" in figure.locator(".explore-legend").inner_text()


def test_state_in_the_address(page, leaflet):
    open_page(page, leaflet)
    first, second = page.locator("#explore-orthant"), page.locator("#explore-transition")
    entries = page.evaluate("history.length")
    for key in ("ArrowRight", "ArrowRight"):
        first.locator("input[name=rho13]").press(key)
    second.locator("input[name=n]").press("ArrowLeft")
    page.wait_for_url(re.compile(r"\?orthant\.rho13=0\.82&transition\.n=1000$"))
    assert page.evaluate("history.length") == entries
    positions = [drawn_now(figure)["positions"] for figure in (first, second)]
    page.reload()
    open_page(page, page.url)
    assert [drawn_now(figure)["positions"] for figure in (first, second)] == positions
    assert positions == [{"rho12": 0.3, "rho13": 0.82, "rho23": 0.2}, {"phi": 0.9, "n": 3}]
    first.locator(".explore-reset").click()
    page.wait_for_url(re.compile(r"\?transition\.n=1000$"))


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ("n=abc", 3.1),
        ("n=", 3.1),
        ("n=-5", 3.1),
        ("n=1e99", 7),
        ("n=Infinity", 3.1),
        ("n=0.001", 0),
        ("other=5", 3.1),
        ("n=99", 2),
    ],
)
def test_a_bad_address_is_clamped_or_ignored(page, leaflet, query, n):
    open_page(page, f"{leaflet}?transition.{query}&highlight=x")
    assert drawn_now(page.locator("#explore-transition"))["positions"]["n"] == pytest.approx(n, abs=1e-9)


def test_link_is_copied(page, leaflet):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_page(page, leaflet)
    figure = page.locator("#explore-transition")
    figure.locator("input[name=phi]").press("End")
    drawn_now(figure)
    figure.locator(".explore-link").click()
    figure.get_by_text("Link copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{leaflet}?transition.phi=1#explore-transition"


def test_csv_holds_the_curves(page, leaflet):
    open_page(page, leaflet)
    figure = page.locator("#explore-transition")
    figure.locator("input[name=n]").press("Home")
    drawn = drawn_now(figure)
    with page.expect_download() as download:
        figure.locator(".explore-data").click()
    assert download.value.suggested_filename == "transition.csv"
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["p", "step", '"perfect", they say']
    columns = [[float(cell) for cell in column] for column in zip(*rows, strict=True)]
    assert columns == [drawn["xs"], *[line["values"] for line in drawn["lines"]]]


def test_readouts_are_spoken_once_settled(page, leaflet):
    open_page(page, leaflet)
    spoken = page.locator("#explore-transition .explore-spoken[aria-live=polite]")
    spoken.filter(has_text="lower bound: 0.5956").wait_for(state="attached")


def test_a_failed_start_keeps_the_picture(browser, leaflet):
    context = browser.new_context()
    page = context.new_page()
    page.route("**/micropython.wasm", lambda route: route.abort())
    page.goto(leaflet)
    figure = page.locator("#explore-transition[data-state=failed]")
    figure.get_by_text("The live calculation is not available here").wait_for()
    assert figure.locator("svg.explore-plot").is_visible()
    assert not figure.locator(".explore-controls").is_visible()
    assert not figure.locator(".explore-reset").is_visible()
    context.close()


def test_without_scripts_there_is_a_picture(browser, leaflet):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(leaflet)
    for figure, made in zip(page.locator("figure.explore").all(), leaflet_figures(), strict=True):
        assert figure.locator("svg.explore-plot").first.is_visible()
        curves = figure.locator(".explore-plot .explore-line").all()
        assert [curve.get_attribute("d") for curve in curves] == [line["path"] for line in made.drawn["lines"]]
        assert not figure.locator(".explore-controls").is_visible()
        assert figure.locator("noscript p").is_visible()
    context.close()


def test_a_phone_has_room_for_it(browser, leaflet):
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    open_page(page, leaflet)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for text in page.locator(".explore :is(text, label, li, dt, dd, button, a, p):visible").all():
        assert float(text.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")) >= 11
    for text in page.locator(".explore-plot text").all():
        box = text.bounding_box()
        assert box["x"] >= 0, text.text_content()
        assert box["x"] + box["width"] <= 360, text.text_content()
    for control in page.locator(".explore :is(input, button, a):visible").all():
        assert control.bounding_box()["height"] >= 24  # WCAG 2.5.8
    context.close()


def luminance(colour: str) -> float:
    channels = [float(each) / 255 for each in re.findall(r"[\d.]+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 24, 30)")])
def test_both_themes_can_be_read(page, leaflet, theme, background):
    open_page(page, leaflet)
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    report = Axe().run(page, options=WCAG)
    assert report.violations_count == 0, report.generate_report()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == background
    colours = page.evaluate("""() => [0, 1, 2, 3, 4].map(i => {
        const path = document.querySelector('.explore-plot .explore-line');
        path.setAttribute('class', `explore-line explore-line-${i}`);
        return getComputedStyle(path).stroke;
    })""")
    assert len(set(colours)) == 5
    for colour in colours:
        assert contrast(colour, background) >= 3  # WCAG 1.4.11
    text = page.locator(".explore-plot text").first.evaluate("node => getComputedStyle(node).fill")
    assert contrast(text, background) >= 4.5


def book_figures() -> list[tuple[str, str]]:
    """(page, element id) of every slider figure in the built book."""
    return [
        (str(file.relative_to(SITE)), element)
        for file in sorted(SITE.glob("book/**/*.html"))
        for element in re.findall(r'<figure class="explore" id="([\w-]+)"', file.read_text(encoding="utf-8"))
    ]


def test_the_book_has_slider_figures(site):
    assert book_figures()


@pytest.mark.parametrize(("name", "element"), book_figures())
def test_figures_of_the_book(page, site, name, element):
    """Its page loads what its figures name, and no more; and what it draws is Python's."""
    asked = python_files(page, f"{site}/{name}")
    assert asked == sorted(
        {path for figure in page.locator("figure.explore").all() for path in settings_of(figure)["files"]}
    )
    exercise(page.locator(f"#{element}"))
