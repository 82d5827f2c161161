"""Promote runs: a complete run of the paper profile, or of a reduced one, becomes a committed record; the laptop runs' ledgers
become the committed ones."""

from collections.abc import Mapping
from pathlib import Path

from lib import parameters
from lib.claims import ledger
from lib.paths import below, runs_folder, shown
from lib.rules import RECORDED
from lib.runs import notebooks, records
from lib.runs.files import write_json
from lib.runs.notebooks import differing, name_of
from lib.runs.tasks import label


def record(notebook: str) -> Path:
    """Copy the last complete paper run of a notebook to data/reference, if it is the profile's and of today's code.

    A notebook with a reduced profile has that run copied as long as there is none of the paper profile. Trials with other
    parameters have folders of their own and hide no run. Raises ValueError if there is no such run, naming the parameters that
    differ or the first part that the code of today would compute otherwise, and for a corrupt record.
    Checked by tests/test_promotion.py.
    """
    name = name_of(notebook)
    profile, path = _recorded(name)
    if not path.exists():
        raise ValueError(
            f"no complete {profile} run of {name} with the profile's own parameters in {shown(runs_folder())}; start one with "
            f"`make run NOTEBOOK={name} PROFILE={profile}`"
        )
    content = records.read(path)
    others = differing(name, {**content["parameters"], "profile": profile})
    if others or not content["complete"]:
        raise ValueError(f"{name}: parameters {others} differ from the {profile} profile's")
    if old := records.outdated(content):
        part = label(old[0]["function"], old[0]["arguments"])
        raise ValueError(f"{name}: {len(old)} parts, the first {part}, were made with older code; run it again")
    target = below(records.REFERENCE, name, ending=".json")
    if "tensors" in content:
        from lib.training import checkpoint  # heavy, for tensors only

        checkpoint.save(target.with_suffix(".safetensors"), records.tensors_beside(path, content), {})
    write_json(target, content)
    return target


def _recorded(name: str) -> tuple[str, Path]:
    """The profile whose run becomes the record, and where its record is, or would be."""
    profiles = [each for each in RECORDED if each in parameters.profiles(name)]
    places = [(each, notebooks.folder(name, notebooks.own(name, each)) / "record.json") for each in profiles]
    return next((place for place in places if place[1].exists()), places[-1])


def ledgers(notebook: str | None = None) -> list[Path]:
    """Copy the ledgers of the last laptop runs, or of one notebook's, to data/ledger; one that has not moved is left alone.

    Raises ValueError, and copies nothing, if there is none, or if one is corrupt, was made with other parameters than the
    notebook's own cell or does not say with which; it names the notebooks and the parameters.
    Checked by tests/test_promotion.py.
    """
    wanted = notebooks.names() if notebook is None else [name_of(notebook)]
    paths = {name: below(runs_folder(), "laptop", name, "ledger.json") for name in wanted}
    found = {name: ledger.read(path) for name, path in paths.items() if path.exists()}
    if not found:
        which = "no notebook has a ledger" if notebook is None else f"{wanted[0]} has no ledger"
        raise ValueError(
            f"{which} of its own parameters in {shown(runs_folder())}; run `make test`, or "
            f"`make run NOTEBOOK={wanted[0] if wanted else '...'}` with no SET, then `make ledger`"
        )
    if complaints := [words for name, content in found.items() if (words := _complaint(name, content))]:
        raise ValueError("; ".join(complaints) + "; run these notebooks again with PROFILE=laptop, then `make ledger`")
    written = []
    for name, content in found.items():
        before = ledger.committed(name)
        if before is None or ledger.moved(before, content) or before.get("parameters") != content["parameters"]:
            target = below(ledger.FOLDER, name, ending=".json")
            write_json(target, content)
            written.append(target)
    return written


def _complaint(name: str, content: Mapping) -> str | None:
    """Why a ledger is none of a notebook's own laptop run, in words."""
    if content["notebook"] != name:
        return f"the ledger of {name} says that it is of {content['notebook']!r}"
    if "parameters" not in content:
        return f"the ledger of {name} does not say with which parameters it was made"
    others = differing(name, {**content["parameters"], "profile": "laptop"})
    others += ["profile"] * (content["parameters"].get("profile") != "laptop")
    return f"{name}: parameters {others} differ from the laptop profile's" if others else None
