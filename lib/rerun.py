"""Rerun a notebook with a profile or with parameters of your own; promote runs to records and ledgers.

``python -m lib.rerun beyond-collapse/03-finite-samples --profile paper -p repeats 20``. The executed notebook and its
record go to ``runs/``; the source is never written to. A killed paper run resumes when the same command is given again.
"""

import argparse
import os
import sys
from pathlib import Path

import papermill
import yaml
from nbclient.exceptions import DeadKernelError
from papermill.inspection import inspect_notebook

from lib import parameters, records
from lib.claims import ledger
from lib.paths import ROOT, runs_folder


def source(notebook: str) -> Path:
    """Path of a notebook given by its name, such as "beyond-collapse/01-phase-transition" (or by its path in book/).

    Raises ValueError that lists the notebooks there are. Checked by tests/notebooks/test_reruns.py.
    """
    name = notebook.removeprefix("book/").removesuffix(".ipynb")
    path = ROOT / "book" / f"{name}.ipynb"
    if not path.is_file():
        there = sorted(str(p.relative_to(ROOT / "book").with_suffix("")) for p in (ROOT / "book").glob("*/*.ipynb"))
        raise ValueError(f"notebook = {notebook!r} is not one of {', '.join(there)}")
    return path


def name_of(notebook: str) -> str:
    """Name of a notebook given by its name or its path, such as "beyond-collapse/01-phase-transition"."""
    return str(source(notebook).relative_to(ROOT / "book").with_suffix(""))


def defaults(notebook: str) -> dict[str, object]:
    """The notebook's own parameters: its laptop profile. Checked by tests/notebooks/test_reruns.py."""
    return {name: yaml.safe_load(row["default"]) for name, row in inspect_notebook(str(source(notebook))).items()}


def run(notebook: str, profile: str, **changes: object) -> Path:
    """Execute a notebook with a profile and changed parameters; return the path of the executed copy in runs/.

    Raises ValueError for an unknown notebook, profile or parameter name, and papermill's error if a cell fails; the copy
    then holds the failing cell. Two runs at once write to files of their own; the copy is that of the run that ends last.
    Checked by tests/notebooks/test_reruns.py.
    """
    path, name = source(notebook), name_of(notebook)
    known = defaults(name)
    for key in changes:
        if key not in known:
            raise ValueError(f"parameter = {key!r} is not one of {', '.join(known)}")
    chosen = {**parameters.profile(name, profile), **changes}
    target = copy_of(name, profile)
    target.parent.mkdir(parents=True, exist_ok=True)
    own = target.with_name(f"executed-{os.getpid()}.ipynb")
    try:
        papermill.execute_notebook(
            str(path),
            str(own),
            parameters=chosen,
            cwd=str(path.parent),
            progress_bar=sys.stderr.isatty(),
            log_output=False,
        )
    finally:
        if own.exists():
            own.replace(target)
    return target


def copy_of(notebook: str, profile: str) -> Path:
    """Where the executed copy of a notebook goes."""
    return runs_folder() / profile / name_of(notebook) / "executed.ipynb"


def sentence(error: papermill.PapermillExecutionError, copy: Path) -> str:
    """What a failed cell says, without a traceback: a ValueError's own words, else name and words and where to look.

    Checked by tests/notebooks/test_reruns.py.
    """
    if error.ename == "ValueError":
        return error.evalue
    words = f"{error.ename}: {error.evalue}" if error.evalue else error.ename
    return f"{words}\nThe failing cell is In [{error.exec_count}] of {os.path.relpath(copy)}, with the traceback."


def parsed(text: str) -> object:
    """A parameter's value from the command line, as YAML reads it; 1e-6, which YAML takes for a word, is a number too.

    Checked by tests/notebooks/test_reruns.py.
    """
    value = yaml.safe_load(text)
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def here(value: object) -> object:
    """A path that exists below the reader's folder, made absolute: notebooks run in a folder of their own.

    A folder counts if it is written with a slash, such as ``./my-data``; a bare word may be another parameter's value.
    Checked by tests/notebooks/test_reruns.py.
    """
    if not isinstance(value, str) or not value:
        return value
    folder = "/" in value and Path(value).is_dir()
    return os.path.abspath(value) if folder or Path(value).is_file() else value


def promote_record(notebook: str) -> Path:
    """Copy the newest complete paper run of a notebook to data/reference, if its parameters equal the profile's.

    Raises ValueError if there is no such run, naming the parameters that differ. Checked by tests/notebooks/test_reruns.py.
    """
    wanted = {**defaults(notebook), **parameters.profile(notebook, "paper")}
    found = sorted((runs_folder() / "paper" / notebook).glob("*/record.json"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise ValueError(f"no complete paper run of {notebook} in runs/; start one with PROFILE=paper")
    record = records.read_json(found[-1])
    differing = sorted(key for key, value in record["parameters"].items() if wanted.get(key) != value)
    if differing or not record["complete"]:
        raise ValueError(f"{found[-1].parent.name}: parameters {differing} differ from the paper profile's")
    target = ROOT / "data" / "reference" / f"{notebook}.json"
    records.write_json(target, record)
    return target


def promote_ledgers() -> list[Path]:
    """Copy the ledgers of the last laptop runs to data/ledger; a committed one that has not moved is left alone.

    Raises ValueError, and copies nothing, if one was made with other parameters than the notebook's own cell or does not say with
    which; it names the notebooks and the parameters. Checked by tests/notebooks/test_reruns.py.
    """
    found = [records.read_json(path) for path in sorted((runs_folder() / "laptop").glob("*/*/ledger.json"))]
    complaints = []
    for content in found:
        wanted, own = defaults(content["notebook"]), content.get("parameters")
        if own is None:
            complaints.append(f"the ledger of {content['notebook']} does not say with which parameters it was made")
        elif differing := sorted(key for key, value in own.items() if key not in wanted or wanted[key] != value):
            complaints.append(f"{content['notebook']}: parameters {differing} differ from the laptop profile's")
    if complaints:
        raise ValueError("; ".join(complaints) + "; run these notebooks again with PROFILE=laptop, then `make ledger`")
    written = []
    for content in found:
        before = ledger.committed(content["notebook"])
        if before is None or ledger.moved(before, content) or before.get("parameters") != content["parameters"]:
            target = ledger.FOLDER / f"{content['notebook']}.json"
            records.write_json(target, content)
            written.append(target)
    return written


def main(arguments: list[str] | None = None) -> None:
    """Command line of this module; ``make run``, ``make record`` and ``make ledger`` call it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", nargs="?", help="such as beyond-collapse/01-phase-transition")
    parser.add_argument("--profile", default="laptop", help="smoke, laptop (the notebook's own cell) or paper")
    parser.add_argument("-p", "--parameter", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    parser.add_argument("--record", action="store_true", help="copy the newest complete paper run to data/reference")
    parser.add_argument("--ledger", action="store_true", help="copy the last laptop ledgers to data/ledger")
    options = parser.parse_args(arguments)
    try:
        if options.ledger:
            written = promote_ledgers()
        elif options.notebook is None:
            parser.error("name a notebook")
        elif options.record:
            written = [promote_record(options.notebook)]
        else:
            changes = {name: here(parsed(value)) for name, value in options.parameter}
            written = [run(options.notebook, options.profile, **changes)]
    except papermill.PapermillExecutionError as error:
        sys.exit(sentence(error, copy_of(options.notebook, options.profile)))
    except DeadKernelError:
        sys.exit(
            "the notebook's process was killed, perhaps for lack of memory; a paper run goes on where it was when started again"
        )
    except ValueError as error:
        sys.exit(str(error))
    for path in written:
        print(os.path.relpath(path))
    if not written:
        print("nothing has moved")


if __name__ == "__main__":
    main()
