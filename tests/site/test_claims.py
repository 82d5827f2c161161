"""The page of claims in a real browser: bars, filter, permalinks, downloads; with scripts and without, on a phone, on paper."""

import csv
import json
import re
from functools import cache

import pytest

from lib.claims import state, table, words

PAGE = "book/claims.html"
CLAIMS = table.claims()


@cache
def verdicts() -> dict[str, str]:
    return {key: state.CODES[state.state(claim)[0]] for key, claim in CLAIMS.items()}


def shown(page) -> set[str]:
    return set(page.locator("details.claim:visible").evaluate_all("all => all.map(one => one.id)"))


def ids(keep) -> set[str]:
    return {words.anchor(key) for key in CLAIMS if keep(key)}


@pytest.fixture
def filtered(page, site):
    def go(query=""):
        page.goto(f"{site}/{PAGE}{query}")
        page.locator(".claims-filter").wait_for()
        return page

    return go


def test_every_claim_is_there_with_its_code(filtered):
    page = filtered()
    found = page.locator("details.claim").evaluate_all("all => all.map(one => [one.id, one.dataset.verdict])")
    assert dict(found) == {words.anchor(key): code for key, code in verdicts().items()}
    assert page.locator("details[open]").count() == 0


def test_bars_count_what_the_list_holds(filtered):
    page = filtered()
    for chapter, title in state.papers().items():
        own = state.of_the_papers(claim for claim in CLAIMS.values() if claim["id"].startswith(f"{chapter}/"))
        counts = ", ".join(f"{n} {verdict}" for verdict, n in state.counts(own).items())
        assert page.get_by_role("img", name=f"{title}, {len(own)} claims: {counts}").count() == bool(own)


def test_filter_by_paper_verdict_form_and_text(filtered):
    page = filtered()
    page.locator(".claims-filter [name=paper]").select_option("random-matrices")
    mine = ids(lambda key: key.startswith("random-matrices/"))
    assert shown(page) == mine
    assert page.locator(".claims-heading:visible").all_text_contents() == ["Random matrices"]
    page.locator(".claims-filter [name=form]").select_option("theorem")
    mine &= ids(lambda key: CLAIMS[key]["form"] == "theorem")
    assert shown(page) == mine
    page.locator(".claims-filter [name=verdict]").select_option("corrected")
    mine &= ids(lambda key: verdicts()[key] == "corrected")
    assert shown(page) == mine != set()
    assert page.locator(".claims-filter output").inner_text() == f"{len(mine)} of {len(CLAIMS)} claims"
    page.locator(".claims-filter [name=text]").fill("DELTA trace")
    assert ids(lambda key: key == "random-matrices/delta-s") <= shown(page) < mine
    page.get_by_role("button", name="Show all").click()
    page.wait_for_url(re.compile(r"claims\.html$"))
    assert len(shown(page)) == len(CLAIMS)


def test_state_stands_in_the_address(filtered):
    page = filtered("?paper=beyond-collapse&form=theorem&text=breakdown")
    before = shown(page)
    assert words.anchor("beyond-collapse/theorem-3.2") in before
    assert len(before) < len(ids(lambda key: key.startswith("beyond-collapse/")))
    page.locator(".claims-filter [name=text]").fill("")
    page.wait_for_url(re.compile(r"\?paper=beyond-collapse&form=theorem$"))
    page = filtered("?paper=none&verdict=<b>&other=1")
    assert len(shown(page)) == len(CLAIMS)


def test_a_part_of_the_bar_leads_to_its_claims_and_back(filtered):
    page = filtered()
    page.locator(".claims-key a[href*='paper=reverse-bottleneck&verdict=reproduced']").click()
    wanted = ids(lambda key: key.startswith("reverse-bottleneck/") and verdicts()[key] == "reproduced")
    assert shown(page) == wanted
    page.go_back()
    assert len(shown(page)) == len(CLAIMS)


def test_by_keyboard(filtered):
    page = filtered()
    page.locator(".claims-filter [name=text]").press_sequentially("theorem-3.2")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Show all"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('details.claim > summary')")
    page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == 1


def test_a_permalink_opens_its_claim_whatever_the_filter(filtered):
    anchor = words.anchor("random-matrices/theorem-4.2")
    page = filtered(f"?paper=beyond-collapse#{anchor}")
    claim = page.locator(f"#{anchor}")
    assert claim.get_attribute("open") is not None
    near = "node => { const { top } = node.getBoundingClientRect(); return top >= 0 && top < innerHeight / 2; }"
    page.wait_for_function(near, arg=claim.locator("summary").element_handle())
    page.evaluate(f"location.hash = '{words.anchor('random-matrices/b2')}'")
    page.locator(f"#{words.anchor('random-matrices/b2')}[open]").wait_for()


def test_links_from_other_pages_arrive(page, site):
    page.goto(f"{site}/book/beyond-collapse/index.html")
    page.locator("a[href*='claims.html#claim-beyond-collapse-theorem-3-2']").first.click()
    page.locator("#claim-beyond-collapse-theorem-3-2[open]").wait_for()


def test_the_condition_stands_apart_from_the_code(filtered):
    page = filtered()
    for key, claim in CLAIMS.items():
        if verdicts()[key] == "conditional":
            own = page.locator(f"#{words.anchor(key)}")
            assert own.locator("summary .verdict").text_content() == "holds only under a condition"
            assert "The condition." in own.text_content()
            assert " ".join(claim["condition"].split())[:20] not in own.locator("summary .verdict").text_content()


def test_downloads_have_the_version_that_the_page_names(filtered):
    page = filtered()
    with page.expect_download() as download:
        page.get_by_role("link", name="claims.json").click()
    with open(download.value.path(), encoding="utf-8") as file:
        content = json.load(file)
    assert f"Version {content['version']}" in page.locator(".claims-data").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="claims.csv").click()
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["id"]: line["verdict"] for line in lines} == verdicts()
    assert {line["version"] for line in lines} == {content["version"]}


def test_without_scripts_all_claims_unfold(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/{PAGE}")
    assert len(page.locator("details.claim:visible").all()) == len(CLAIMS)
    assert not page.locator(".claims-filter").is_visible()
    claim = page.locator(f"#{words.anchor('beyond-collapse/theorem-3.2')}")
    claim.locator("summary").click()
    assert claim.locator("ul").first.is_visible()
    context.close()


@pytest.mark.parametrize(("width", "longest"), [(1280, 100), (390, 230)])
def test_the_page_is_short(browser, site, width, longest):
    """Closed, a claim takes a few lines: it was 580 pixels a claim, 910 on a phone, when all lay open."""
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(f"{site}/{PAGE}")
    page.locator(".claims-filter").wait_for()
    assert page.locator(".claims-list").bounding_box()["height"] / len(CLAIMS) < longest
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator(".claims-filter :is(select, input, button), details.claim > summary").all()[:12]:
        assert control.bounding_box()["height"] >= 24
    context.close()


def test_on_paper_all_claims_lie_open(filtered):
    page = filtered("?paper=beyond-collapse&verdict=corrected")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.claim[open]:visible").count() == len(shown(page))
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.claim[open]").count() == 0
