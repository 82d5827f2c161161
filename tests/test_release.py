"""What a release rests on: one version, metadata that agree, forms and workflows with the parts they need, one list of pins."""

import datetime
import json
import re
import tomllib

import pytest
import yaml

from lib.claims import export, table
from lib.paths import ROOT

CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())
ZENODO = json.loads((ROOT / ".zenodo.json").read_text())
WORKFLOWS = ROOT / ".github" / "workflows"


def workflow(name):
    """A workflow; YAML reads its key `on` as true."""
    content = yaml.safe_load((WORKFLOWS / f"{name}.yml").read_text())
    return content | {"on": content[True]}


def steps(job):
    return {step["uses"].split("@")[0]: step for step in job["steps"] if "uses" in step}


def test_one_version_and_one_date():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    newest = re.search(r"^## (\S+) \((\S+)\)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert project["version"] == CITATION["version"] == ZENODO["version"] == newest[1]
    date = str(CITATION["date-released"])
    assert date == ZENODO["publication_date"] == newest[2]
    assert datetime.date.fromisoformat(date)
    assert export.version(export.rows(table.claims())).startswith(f"{project['version']}+")


def test_the_deposit_says_what_the_citation_says():
    assert ZENODO["title"] == CITATION["title"]
    assert ZENODO["upload_type"] == CITATION["type"]
    assert [each["name"] for each in ZENODO["creators"]] == [each["name"] for each in CITATION["authors"]]
    assert ZENODO["keywords"] == CITATION["keywords"]
    assert ZENODO["license"] == CITATION["license"][0]
    assert CITATION["license"][1] in ZENODO["notes"]
    papers = [f"{each['title']}. {', '.join(map(name, each['authors']))}." for each in CITATION["references"]]
    assert ZENODO["references"] == papers


def name(author):
    return f"{author['given-names']} {author['family-names']}"


def test_the_papers_of_the_citation_are_the_books():
    bibliography = (ROOT / "book" / "references.bib").read_text().replace("{LLM}", "LLM")
    chapters = {key.split("/")[0] for key in table.claims()} - {"synthesis"}
    assert len(CITATION["references"]) == len(chapters)
    for each in CITATION["references"]:
        assert f"title = {{{each['title']}}}" in bibliography


def test_the_workflow_keeps_what_notebooks_gave():
    """The folder of the execution cache; a key of all that decides what is executed, the pins among it."""
    job = workflow("book")["jobs"]["test"]
    cache = steps(job)["actions/cache"]["with"]
    source = (ROOT / "extensions" / "execution_cache.py").read_text()
    assert 'CACHE = Path(".cache") / "notebooks"' in source
    assert cache["path"] == ".cache/notebooks"
    for pattern in ("requirements*.txt", "constraints.txt", "book/**/*.ipynb", "lib/**/*.py", "data/claims/*.yml",
                    "data/reference/**", "data/published/**"):  # fmt: skip
        assert f"'{pattern}'" in cache["key"]
        assert any(ROOT.glob(pattern)), pattern
    assert cache["key"].startswith(cache["restore-keys"])
    order = [step.get("uses", step.get("run", "")) for step in job["steps"]]
    assert next(k for k, x in enumerate(order) if "cache@" in x) < order.index("make test")


def test_the_workflow_runs_on_linux_and_macos_and_publishes_once():
    content = workflow("book")
    job = content["jobs"]["test"]
    assert job["strategy"]["matrix"]["os"] == ["ubuntu-latest", "macos-latest"]
    assert job["runs-on"] == "${{ matrix.os }}"
    assert steps(job)["actions/upload-pages-artifact"]["if"] == "runner.os == 'Linux'"
    assert content["jobs"]["publish"]["needs"] == "test"
    assert content["permissions"] == {"contents": "read"}
    assert set(content["on"]) == {"push", "pull_request"}


def test_links_are_looked_at_once_a_week():
    content = workflow("links")
    (entry,) = content["on"]["schedule"]
    minute, hour, day, month, weekday = entry["cron"].split()
    assert (day, month) == ("*", "*")
    assert all(field.isdigit() for field in (minute, hour, weekday))
    (job,) = content["jobs"].values()
    order = [step.get("uses", step.get("run", "")) for step in job["steps"]]
    assert order.index("make book") < next(k for k, x in enumerate(order) if x.startswith("lycheeverse/"))
    assert "_build/html/**/*.html" in steps(job)["lycheeverse/lychee-action"]["with"]["args"]


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*.yml")), ids=lambda path: path.stem)
def test_every_action_has_a_version_and_every_job_an_end(path):
    content = workflow(path.stem)
    for job in content["jobs"].values():
        assert job["runs-on"]
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step)
            assert re.fullmatch(r"[\w-]+/[\w/-]+@v\d+", step.get("uses", "a/b@v1"))
    assert content["jobs"]


FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_forms_are_forms(path):
    """The keys that GitHub asks of an issue form, ids that differ, and a label for each field."""
    form = yaml.safe_load(path.read_text())
    assert {"name", "description", "body"} <= set(form) <= {"name", "description", "title", "labels", "body"}
    fields = [part for part in form["body"] if part["type"] != "markdown"]
    assert {part["type"] for part in fields} <= {"input", "textarea", "dropdown", "checkboxes"}
    assert len({part["id"] for part in fields}) == len(fields)
    assert all(part["attributes"]["label"] for part in fields)
    assert all(isinstance(part["validations"]["required"], bool) for part in fields)


def test_a_wrong_verdict_needs_a_claim_an_expectation_and_evidence():
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/verdict.yml").read_text())
    assert form["name"] == "This verdict is wrong"
    needed = {part["id"] for part in form["body"] if part.get("validations", {}).get("required")}
    assert needed == {"claim", "expected", "evidence"}
    example = next(part["attributes"]["placeholder"] for part in form["body"] if part.get("id") == "claim")
    assert example in table.claims()


def test_the_container_takes_the_pins_that_there_are():
    """It sets up as a reader does, by the Makefile, and names no version of a package of its own."""
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    makefile = (ROOT / "Makefile").read_text()
    for target in container["onCreateCommand"].split()[2:]:
        assert f"\n{target.replace('.venv', '$(VENV)')}:" in makefile
    assert "==" not in json.dumps(container)
    python = container["image"].rsplit(":", 1)[1]
    assert (ROOT / "binder" / "runtime.txt").read_text().strip() == f"python-{python}"
    assert "jupyter lab book" in container["postAttachCommand"]
    for line in (ROOT / "binder" / "requirements.txt").read_text().split("\n"):
        assert re.fullmatch(r"(-[rc] \.\./[\w-]+\.txt)?", line)
