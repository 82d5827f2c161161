"""A real browser for the pages: Chromium with the network denied, folders served on 127.0.0.1, and a page of three figures."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from lib import explore
from lib.explore import files

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "extensions"))  # for the tests of what they write
from browser import Quiet, chromium, launch, serve  # noqa: E402, F401  now that their folder is known

SITE = ROOT / "_build" / "html"
MICROPYTHON = ROOT / "node_modules" / "@micropython" / "micropython-webassembly-pyscript"
# the theme's colours, which the page of its own borrows from the book
HEAD = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Sliders</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="_static/explore.css"><link rel="stylesheet" href="_static/book.css">
<script type="module" src="_static/explore.js"></script><script defer src="_static/book.js"></script>
<style>html { --pst-color-text-base: #222832; --pst-color-text-muted: #48566b; --pst-color-background: #fff; background: #fff; }
html[data-theme="dark"] { --pst-color-text-base: #ced6dd; --pst-color-text-muted: #9ca4af; --pst-color-link: #3fb1c5;
--pst-color-background: #14181e; background: #14181e; color-scheme: dark; }</style></head><body><main><h1>Sliders</h1>"""


def missing(what: str):
    """Skip, and say why; where CI is set everything must be there, so fail."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(what)


@pytest.fixture(scope="session")
def browser():
    if chromium() is None:
        missing("no Chromium on the PATH")
    with launch() as running:
        yield running


@pytest.fixture(scope="session")
def site():
    """Address of the built book."""
    if not (SITE / "index.html").exists():
        missing("the book is not built: run `make book`")
    with serve(SITE) as address:
        yield address


def leaflet_figures() -> list[explore.Figure]:
    """One with gaps and a refusal; one with a log10 slider, an exact step and a namedtuple; a curve in a band; two panels."""
    return [
        explore.figure(
            name="orthant",
            title="Three normals",
            x=explore.Axis("rho12", "correlation of first and second", -1, 1),
            y=explore.Axis(label="probability", low=0, high=0.5),
            sliders=[
                explore.Slider("rho12", "correlation of first and second", -1, 1, step=0.01, value=0.3),
                explore.Slider("rho13", "correlation of first and third", -1, 1, step=0.01, value=0.8),
                explore.Slider("rho23", "correlation of second and third", -1, 1, step=0.01, value=0.2),
            ],
            lines=[explore.Line("all three positive", "gaussian.orthant_probability")],
            alt="The probability grows with the correlation.",
        ),
        explore.figure(
            name="transition",
            title="A step and a slope",
            x=explore.Axis("p", "label error p", 0, 1),
            y=explore.Axis(label="accuracy"),
            sliders=[
                explore.Slider("phi", "right labels kept phi", 0, 1, step=0.01, value=0.9),
                explore.Slider("n", "examples n", 0, 7, step=0.1, value=3.1, scale="log10"),
            ],
            lines=[
                explore.Line("step", "beyond_collapse.breakdown.theorem_accuracy"),
                explore.Line('"perfect", they say', "beyond_collapse.breakdown.perfect_accuracy_probability"),
            ],
            readouts=[explore.Readout("lower bound", "beyond_collapse.breakdown.breakdown_bounds", field="p_minus")],
            constants={"psi": 0.5, "t": 0.1},
            alt="Accuracy falls from one to zero.",
        ),
        explore.figure(
            name="band",
            title="A narrow band",
            x=explore.Axis("phi", "right labels kept phi", 0.1, 1),
            y=explore.Axis(label="breakdown point"),
            sliders=[explore.Slider("psi", "wrong labels kept psi", 0.01, 1, step=0.01, value=0.02)],
            lines=[explore.Line("p*", "beyond_collapse.breakdown.breakdown_point")],
            alt="The breakdown point grows with the right labels kept.",
        ),
        explore.figure(
            name="panels",
            title="Two panels",
            x=explore.Axis("p", "label error p", 0, 1, points=21),
            y=[explore.Axis(label="accuracy"), explore.Axis(label="bits")],
            sliders=[
                explore.Slider("p", "label error p", 0, 1, step=0.01, value=0.9),
                explore.Slider("phi", "right labels kept phi", 0.1, 1, step=0.01, value=0.8),
            ],
            lines=[
                explore.Line("step", "beyond_collapse.breakdown.theorem_accuracy"),
                explore.Line("a coin's bits", "usable_information.binary_entropy", panel=1),
                explore.Line("the step again", "beyond_collapse.breakdown.theorem_accuracy", panel=1),
            ],
            constants={"psi": 0.3},
            alt="Accuracy falls from one to zero; bits rise and fall.",
        ),
    ]


def laid_out(folder: Path) -> Path:
    """The folder of a page, with the book's assets laid out in it as in the book."""
    if not MICROPYTHON.is_dir():
        missing("node_modules is not there: run `make book`")
    static = folder / "_static"
    static.mkdir()
    for file in [*(ROOT / "assets").glob("*.*"), MICROPYTHON / "micropython.mjs", MICROPYTHON / "micropython.wasm"]:
        shutil.copy(file, static)
    for path in files.shipped():
        (static / "python" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, static / "python" / path)
    return folder


@pytest.fixture(scope="session")
def leaflet_folder(tmp_path_factory):
    """A page with these figures and nothing else."""
    folder = laid_out(tmp_path_factory.mktemp("leaflet"))
    markup = "".join(figure._repr_mimebundle_()["text/html"] for figure in leaflet_figures())
    (folder / "index.html").write_text(f"{HEAD}{markup}</main></body></html>", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def leaflet(leaflet_folder):
    """Its address."""
    with serve(leaflet_folder) as address:
        yield f"{address}/index.html"


@pytest.fixture
def page(browser):
    """A page that fails its test at the end if anything was complained of or asked of another machine."""
    context = browser.new_context()
    page, complaints = context.new_page(), []
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: request.url.startswith(("http://127.0.0.1:", "data:")) or complaints.append(request.url),
    )
    yield page
    context.close()
    assert complaints == []


def settle(page):
    """Wait until the formulas are set and everything that scrolls has its tab stop (assets/book.js), however slow the machine."""
    page.wait_for_function("document.documentElement.dataset.tabStops === String(innerWidth)", timeout=120_000)


def open_page(page, address):
    page.goto(address)
    for figure in page.locator("figure.explore").all():
        figure.and_(page.locator("[data-state=ready]")).wait_for()
