"""extensions/claims_pages.py: the pages of claims, of corrections and of answers, built as a small book of their own."""

import re
import shutil
import subprocess
import sys

import pytest

from lib.claims import answers, corrections, table
from lib.paths import ROOT

CONF = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "extensions")!r}]
extensions = ["myst_parser", "claims_pages"]
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath", "substitution"]
html_theme = "basic"
root_doc = "index"
exclude_patterns = ["_build"]
suppress_warnings = ["myst.xref_missing"]  # links to notebooks, which this small book has not
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Built with warnings as errors: markup that breaks, or an id that stands twice, fails here."""
    root = tmp_path_factory.mktemp("pages")
    (root / "book" / "synthesis").mkdir(parents=True)
    (root / "conf.py").write_text(CONF)
    names = ["book/claims", "book/synthesis/03-corrections", "book/answers"]
    (root / "index.md").write_text("# Index\n\n```{toctree}\n" + "\n".join(names) + "\n```\n")
    for name in names[:2]:
        shutil.copyfile(ROOT / f"{name}.md", root / f"{name}.md")
    asked = "\n\n".join(f"```{{answer}} {name}\n```" for name in answers.answers())
    (root / f"{names[2]}.md").write_text(f"# Answers\n\n{asked}\n")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", ".", "_build"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return {name: (root / "_build" / f"{name}.html").read_text() for name in names}


def test_each_correction_is_a_section_of_its_own(pages):
    page = pages["book/synthesis/03-corrections"]
    for entry in corrections.entries(table.claims()):
        assert page.count(f'id="{entry.anchor}"') == 1
        assert page.count(f"correction {entry.name}.</p>") == 1
    assert "{" + "measured}" not in page


def test_each_claim_of_a_correction_leads_to_the_ledger(pages):
    ledger = pages["book/claims"]
    links = re.findall(r'href="../claims.html#(claim-[\w-]+)"', pages["book/synthesis/03-corrections"])
    assert len(links) == sum(len(entry.claims) for entry in corrections.entries(table.claims()))
    assert all(f'id="{link}"' in ledger for link in links)


def test_answers_have_their_numbers(pages):
    """As many links to claims as the words name numbers, each with digits in it."""
    found = re.findall(r'<a href="\.\./book/claims\.html#claim-[\w-]+">([^<]*\d[^<]*)</a>', pages["book/answers"])
    assert len(found) == sum(len(answers.ROLE.findall(entry["words"])) for entry in answers.answers().values())
    assert pages["book/answers"].count("<strong>In short.</strong>") == len(answers.answers())
