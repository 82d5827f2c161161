"""The judge of a reader's own labels in a real browser, on a page of its own, with the network denied."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import HEAD, ROOT, laid_out, serve

from lib.labels import report, table
from lib.labels.block import TYPED, Block

STATED = {"n": 100, "m": 1000, "dimension": 100, "mu_norm": 1.0, "gamma": 1.0, "confidence": 0.95}
EXAMPLE = ROOT / "book" / "synthesis" / "example-labels.csv"
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
EUROPE = "Nr;Wahrheit;Antwort;ok\r\n" + "".join(
    f"{k};{'abc'[k % 3]};{'abc'[k % 3 if k % 7 else (k + 1) % 3]};{'yes' if k % 5 else 'no'}\r\n" for k in range(300)
)
# ticks of the page's own clock while a file is read: each is a moment in which the page answers
TICKS = "window.ticks = 0; window.longest = 0; let last = performance.now(); setInterval(() => { const now = performance.now(); "
TICKS += "window.ticks += 1; window.longest = Math.max(window.longest, now - last); last = now; }, 20)"


@pytest.fixture(scope="module")
def judge_page(tmp_path_factory):
    """The form and nothing else."""
    folder = laid_out(tmp_path_factory.mktemp("judge"))
    head = HEAD.replace("explore.css", "judge.css").replace("explore.js", "judge.js").replace("Sliders", "Judge")
    markup = Block(EXAMPLE.name, EXAMPLE.read_text(), STATED).markup()
    (folder / "index.html").write_text(
        f"{head}<h2>Form</h2><h3>Report</h3>{markup}</main></body></html>", encoding="utf-8"
    )
    with serve(folder) as address:
        yield f"{address}/index.html"


def opened(page, address):
    page.goto(address)
    page.locator("section.judge[data-state=ready]").wait_for()
    return page.locator("section.judge")


def judged(judge, state="judged"):
    judge.and_(judge.page.locator(f"[data-state={state}]")).wait_for(timeout=40_000)
    return judge.locator(".judge-status").inner_text()


def send(judge, content, name="mine.csv"):
    content = content if isinstance(content, bytes) else content.encode()
    judge.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})


def wanted(path, content, names=None):
    path.write_bytes(content.encode())
    return report.report("mine.csv", table.read(path, names)._asdict(), report.settings(**STATED))


def test_the_example_is_judged_as_in_jupyterlab(page, judge_page):
    judge = opened(page, judge_page)
    judge.locator(".judge-example").press("Enter")
    assert judged(judge).startswith("Helps: below the breakdown point.")
    found = report.report(EXAMPLE.name, table.read(EXAMPLE)._asdict(), report.settings(**STATED))
    assert judge.evaluate("node => node.judge.markdown") == found["markdown"]
    assert judge.evaluate("node => node.judge.csv") == found["csv"]
    assert judge.locator("svg.judge-plot path").count() == 4
    assert judge.locator("h4").all_inner_texts() == [text for kind, text, *_ in found["parts"] if kind == "heading"]
    with page.expect_download() as download:
        judge.locator(".judge-markdown").click()
    assert Path(download.value.path()).read_text(encoding="utf-8") == found["markdown"]
    with page.expect_download() as download:
        judge.locator(".judge-csv").click()
    assert Path(download.value.path()).read_text(encoding="utf-8") == found["csv"]


def test_on_paper_a_form_is_a_sentence_and_a_report_a_report(page, judge_page):
    judge = opened(page, judge_page)
    assert not judge.locator(".judge-paper").is_visible()
    page.emulate_media(media="print")
    seen = {name: judge.locator(f".judge-{name}").is_visible() for name in ("paper", "status", "controls")}
    assert seen == {"paper": True, "status": False, "controls": False}
    page.emulate_media(media="screen")
    judge.locator(".judge-example").press("Enter")
    judged(judge)
    page.emulate_media(media="print")
    seen = {name: judge.locator(f".judge-{name}").is_visible() for name in ("paper", "status", "report", "actions")}
    assert seen == {"paper": False, "status": True, "report": True, "actions": False}


def test_other_names_semicolons_three_classes(page, judge_page, tmp_path):
    """A table with names of its own: a sentence says what is missing, the choice of columns brings the verdict; by keyboard."""
    judge = opened(page, judge_page)
    send(judge, EUROPE)
    assert judged(judge, "refused").startswith("mine.csv lacks the column 'label': its header is 'nr', 'wahrheit'")
    for name, own in (("label", "Wahrheit"), ("generated", "Antwort"), ("kept", "ok")):
        select = judge.locator(f"select[name={name}]")
        select.focus()
        page.keyboard.type(own)
        page.keyboard.press("Tab")
    names = {"label": "wahrheit", "generated": "antwort", "kept": "ok", "score": "", "count": ""}
    found = wanted(tmp_path / "mine.csv", EUROPE, names)
    assert judged(judge).startswith(found["headline"])
    assert judge.evaluate("node => node.judge.markdown") == found["markdown"]


def test_a_typed_table_and_numbers(page, judge_page, tmp_path):
    judge = opened(page, judge_page)
    judge.locator("summary").press("Enter")
    judge.locator(".judge-typed").press("Enter")
    judged(judge)
    before = judge.locator(".judge-report").inner_text()
    judge.locator("input[name=n]").fill("3000")
    judge.locator("input[name=n]").press("Tab")
    page.wait_for_function(
        "before => document.querySelector('.judge-report').innerText !== before && "
        "document.querySelector('section.judge').dataset.state === 'judged'",
        arg=before,
    )
    assert "3000 real rows" in judge.locator(".judge-report").inner_text()
    judge.locator("input[name=confidence]").fill("2")
    judge.locator("input[name=confidence]").press("Tab")
    assert judged(judge, "refused") == "confidence: 0.5 to 0.9999, please."
    assert TYPED.count("\n") == 9


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("label,generated,kept\na,a,1\nb,,0\n", "mine.csv, line 3: generated is empty"),
        ("label,generated,kept\na,a,1\na,a,0\n", "mine.csv has one class only, 'a'"),
        ("label,generated,kept\na,b,1\nb,b,maybe\n", "mine.csv, line 3: kept = 'maybe'; allowed: 1 and 0"),
        ("label,generated,kept\na,b\n", "mine.csv, line 2: 2 cells; allowed: 3, as in the header"),
        (b"label,generated,kept\nb\xf6se,gut,1\n", "mine.csv, line 2: a byte that is no UTF-8"),
        (b"PK\x03\x04\x00\x00", "mine.csv is a spreadsheet or an archive"),
    ],
)
def test_errors_are_one_sentence(page, judge_page, content, words):
    judge = opened(page, judge_page)
    send(judge, content)
    assert judged(judge, "refused").startswith(words)
    assert judge.locator(".judge-report").inner_text() == ""
    assert judge.locator(".judge-status").get_attribute("aria-live") == "polite"


def test_a_class_name_is_no_markup(page, judge_page):
    judge = opened(page, judge_page)
    name = "<img src=x onerror=alert(1)>"
    send(judge, f"label,generated,kept\n{name},{name},1\nb,{name},1\nb,b,0\n")
    judged(judge)
    assert judge.locator("img").count() == 0
    assert name in judge.locator(".judge-report").inner_text()


def test_a_million_rows_leave_the_page_awake_and_ask_nothing(page, judge_page):
    """Of 10^6 rows with other columns: the page's clock ticks on, progress is shown, and no request leaves."""
    rows = "".join(
        f"{k},some text,{'cat' if k % 2 else 'dog'},{'cat' if k % 3 else 'dog'},{k % 5 > 0:d},0.{k % 997:03d}\n"
        for k in range(1000)
    )
    judge = opened(page, judge_page)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(TICKS)
    page.evaluate(
        """rows => { const box = new DataTransfer();
        box.items.add(new File(["id,text,label,generated,kept,score\\n", ...Array(1000).fill(rows)], "big.csv"));
        const input = document.querySelector("input[type=file]"); input.files = box.files;
        window.seen = new Set(); new MutationObserver(() => seen.add(document.querySelector("progress").value)).observe(
            document.querySelector("section.judge"), { attributes: true });
        input.dispatchEvent(new Event("change")); }""",
        rows,
    )
    judged(judge)
    assert "1000000 rows" in judge.locator(".judge-report").inner_text()
    assert page.evaluate("seen.size") > 10  # one a megabyte
    assert page.evaluate("ticks") > 20
    assert page.evaluate("longest") < 1000  # no second without an answer
    assert asked == []


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_form_and_its_report_are_accessible(browser, judge_page, theme, width):
    context = browser.new_context(viewport={"width": width, "height": 740})
    page = context.new_page()
    judge = opened(page, judge_page)
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    judge.locator("summary").click()
    judge.locator(".judge-example").click()
    judged(judge)
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()[:2000]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_all_by_keyboard(page, judge_page):
    """Tab reaches the file, the example, the table, the numbers and the downloads, in this order."""
    judge = opened(page, judge_page)
    judge.locator(".judge-example").press("Enter")
    judged(judge)
    judge.locator("input[type=file]").focus()
    reached = []
    for _ in range(40):
        reached.append(
            page.evaluate(
                "document.activeElement.className || document.activeElement.name || document.activeElement.id"
            )
        )
        page.keyboard.press("Tab")
    order = [
        "judge-file",
        "judge-example",
        "judge-example-file",
        "label",
        "n",
        "confidence",
        "judge-markdown",
        "judge-csv",
    ]
    places = [reached.index(each) for each in order]
    assert places == sorted(places)


def test_without_workers_a_sentence_says_so(browser, judge_page):
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("window.Worker = function () { throw new Error('forbidden') }")
    page.goto(judge_page)
    page.locator("section.judge[data-state=failed]").wait_for()
    assert re.search("no web workers.*JupyterLab", page.locator(".judge-status").inner_text())
    context.close()
