"""What each notebook found, in two sentences: the words from data/answers.yml, the numbers from its committed ledger."""

import functools
import re

import yaml

from lib import arguments
from lib.claims import table
from lib.claims.state import CODES, state
from lib.paths import ROOT
from lib.runs.files import corrupt, wrong

FILE = ROOT / "data" / "answers.yml"
ROLE = re.compile(r"\{(\w+)\}`([^`]*)`")  # {measured}`claim, test`, which the page fills in
PLACE = re.compile(
    r"(Theorem|Lemma|Proposition|Corollary|Definition|Section) [A-Z\d]+(\.\d+)?"
)  # a number that is no result
SENTENCES = 2


@functools.cache
def answers() -> dict[str, dict]:
    """The answers by notebook: ``words``, and the verdicts that they ``rest on``, a code for each claim; read once per process.

    Raises ValueError that names the file and the notebook where an answer is not two sentences, holds no measured number, or one
    that another notebook's ledger has, or rests on no claim of its notebook. Checked by tests/claims/test_answers.py.
    """
    try:
        content = yaml.safe_load(FILE.read_text())
    except yaml.YAMLError as error:
        raise corrupt(FILE, str(error)) from error
    if complaint := wrong(content, {...: {"words": str, "rests on": {...: str}}}):
        raise corrupt(FILE, complaint)
    for notebook, entry in content.items():
        if complaints := _complaints(notebook, entry):
            raise ValueError(f"{FILE.name}, {notebook}: {'; '.join(complaints)}")
    return content


def _complaints(notebook: str, entry: dict) -> list[str]:
    own = {key: claim for key, claim in table.claims().items() if claim["notebook"] == notebook}
    n = len(re.findall(r"[.?!](?=\s|$)", ROLE.sub("x", entry["words"].strip())))
    found = [] if n == SENTENCES else [f"words are {n} sentences; allowed: {SENTENCES}"]
    numbers = [place.split(",", 1)[0].strip() for role, place in ROLE.findall(entry["words"]) if role == "measured"]
    if not numbers:
        found.append("words hold no {measured} number; allowed: one or more")
    if re.search(r"\d\.\d|\d ?%", PLACE.sub("", ROLE.sub("", entry["words"]))):
        found.append("words hold a result that is typed; allowed: {measured}")
    found += [f"claim {key} is not one of {', '.join(own)}" for key in (*numbers, *entry["rests on"]) if key not in own]
    missing = sorted(set(numbers) - set(entry["rests on"]))
    found += [f"rests on lacks {', '.join(missing)}, of which words give a number"] * bool(missing)
    return found + [
        f"rests on {key}: {code!r} is not one of {', '.join(CODES.values())}"
        for key, code in entry["rests on"].items()
        if code not in CODES.values()
    ]


def answer(notebook: str) -> str:
    """The two sentences of a notebook, as MyST Markdown with the role ``{measured}`` for its numbers.

    Words cannot outlive what they say: raises ValueError where a verdict that they rest on is another one today, naming the
    claim and both verdicts, and for a notebook without an answer. Checked by tests/claims/test_answers.py.
    """
    arguments.text("notebook", notebook, "a notebook that has an answer")
    if notebook not in answers():
        raise ValueError(f"notebook = {notebook!r} is not one of {', '.join(answers())}; add its answer to {FILE.name}")
    entry = answers()[notebook]
    for key, code in entry["rests on"].items():
        today = CODES[state(table.claims()[key])[0]]
        if today != code:
            raise ValueError(
                f"{FILE.name}, {notebook}: the words rest on {key} being {code}, and it is {today}: write the words anew"
            )
    return f"**In short.** {' '.join(entry['words'].split())}"
