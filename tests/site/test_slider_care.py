"""What a reader meets when sliders cannot run, run late, or stand in the way: on a page of their own, in a real browser."""

import pytest
from conftest import leaflet_figures, open_page

from lib.explore import sliders

PHONE = {"width": 390, "height": 740}


@pytest.fixture
def free_page(browser):
    """A page whose complaints are not counted."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_a_narrow_band_gets_its_own_axis_and_a_button_for_the_whole(page, leaflet):
    open_page(page, leaflet)
    figure = page.locator("#explore-band")
    label, curve = figure.locator(".explore-y-label"), figure.locator(".explore-plot .explore-line")
    button = figure.get_by_role("button", name="Whole axis, 0 to 1")
    assert "axis cut to" in label.text_content()
    narrow, before = curve.get_attribute("d"), figure.locator(".explore-rows").inner_html()
    button.press("Enter")
    figure.locator(".explore-full[aria-pressed=true]").wait_for()
    page.wait_for_function(
        "before => document.querySelector('#explore-band .explore-rows').innerHTML !== before", arg=before
    )
    assert label.text_content() == "breakdown point"
    settings = leaflet_figures()[2].settings
    whole = sliders.update(settings, {"psi": 0.02}, full=True)
    assert curve.get_attribute("d") == whole["lines"][0]["path"] != narrow
    button.click()
    page.wait_for_function(
        "text => document.querySelector('#explore-band .explore-y-label').textContent === text", arg=narrow_label()
    )
    assert not page.locator("#explore-transition .explore-full").is_visible()


def narrow_label():
    return leaflet_figures()[2].drawn["y"]["label"]


def test_the_picture_stays_in_view_on_a_phone(browser, leaflet):
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    open_page(page, leaflet)
    for name, last in (("orthant", "rho23"), ("transition", "n")):
        figure = page.locator(f"#explore-{name}")
        control = figure.locator(f"input[name={last}]")
        control.evaluate("node => node.scrollIntoView({ block: 'end' })")
        plot, knob = figure.locator(".explore-plot").bounding_box(), control.bounding_box()
        assert plot["y"] >= 0
        assert knob["y"] >= plot["y"] + plot["height"]
        assert knob["y"] + knob["height"] <= PHONE["height"] + 1
    context.close()


def test_back_over_an_anchor_brings_the_sliders_back(page, leaflet):
    open_page(page, leaflet)
    control = page.locator("#explore-transition input[name=phi]")
    control.press("ArrowLeft")
    page.wait_for_url("**/index.html?transition.phi=0.89")
    page.evaluate("location.hash = 'explore-orthant'")
    control.press("ArrowLeft")
    page.wait_for_url("**/index.html?transition.phi=0.88#explore-orthant")
    page.go_back()
    page.wait_for_function("document.querySelector('#explore-transition').explore.positions.phi === 0.89")
    assert control.input_value() == "0.89"
    assert page.url.endswith("?transition.phi=0.89")
    page.go_forward()
    page.wait_for_function("document.querySelector('#explore-transition').explore.positions.phi === 0.88")


def test_a_start_that_hangs_says_so_and_may_still_come(free_page, leaflet):
    held = []
    free_page.route("**/micropython.wasm", lambda route: held.append(route))
    free_page.goto(leaflet)
    status = free_page.locator("#explore-orthant .explore-status")
    status.filter(has_text="Starting the calculation").wait_for()
    status.filter(has_text="has not started yet").wait_for(timeout=15_000)
    assert "reload the page" in status.inner_text()
    held[0].continue_()
    free_page.locator("#explore-orthant[data-state=ready]").wait_for()
    assert "has not started" not in status.text_content()


def test_a_setting_that_hangs_says_so(free_page, leaflet):
    free_page.add_init_script("""const send = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (message) { if (!self.mute || !message.positions) send.call(this, message); };""")
    open_page(free_page, leaflet)
    free_page.evaluate("self.mute = true")
    free_page.locator("#explore-orthant input[name=rho13]").press("ArrowLeft")
    free_page.locator("#explore-orthant .explore-status").filter(has_text="takes long").wait_for(timeout=15_000)


@pytest.mark.parametrize(
    "script", ["delete window.Worker", "window.Worker = function () { throw new Error('forbidden') }"]
)
def test_without_workers_a_sentence_says_so(free_page, leaflet, script):
    free_page.add_init_script(script)
    free_page.goto(leaflet)
    for figure in free_page.locator("figure.explore").all():
        figure.get_by_text("this browser has no web workers").wait_for()
        assert figure.locator("svg.explore-plot").first.is_visible()
        assert not figure.locator(".explore-controls").is_visible()
    free_page.wait_for_timeout(5500)  # no later sentence takes its place
    assert free_page.get_by_text("this browser has no web workers").count() == len(leaflet_figures())


def test_from_a_file_a_sentence_says_what_to_do(free_page, leaflet_folder):
    free_page.goto(f"file://{leaflet_folder}/index.html")
    for figure in free_page.locator("figure.explore").all():
        figure.get_by_text("need a web server").wait_for()
        assert "python3 -m http.server" in figure.locator(".explore-status").inner_text()
        assert not figure.locator(".explore-controls").is_visible()


def test_a_script_that_does_not_come_is_told(free_page, leaflet):
    free_page.route("**/explore.js", lambda route: route.abort())
    free_page.goto(leaflet)
    free_page.locator("#explore-band").get_by_text("did not load").wait_for(timeout=15_000)


def test_printing_keeps_a_figure_on_one_page_in_dark_ink(page, leaflet):
    open_page(page, leaflet)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.emulate_media(media="print")
    figure = page.locator("#explore-orthant")
    assert figure.evaluate("node => getComputedStyle(node).breakInside") == "avoid"
    assert not figure.locator(".explore-controls").is_visible()
    assert figure.locator(".explore-picture").evaluate("node => getComputedStyle(node).position") == "static"
