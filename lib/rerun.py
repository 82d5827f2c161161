"""Rerun a notebook with a profile or with parameters of your own; promote runs to records and ledgers.

``python -m lib.rerun beyond-collapse/03-finite-samples --profile paper -p repeats 20``. The executed notebook and its
record go to ``runs/``; the source is never written to. A run that is killed resumes when the same command is given again; two
at once share the work. ``--workers 2`` computes parts in two processes, ``--workers tcp://host:8786`` on a Dask scheduler.
"""

import argparse
import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import papermill
import yaml
from nbclient.exceptions import DeadKernelError
from papermill.inspection import inspect_notebook

from lib import parameters
from lib.claims import ledger
from lib.paths import ROOT, runs_folder
from lib.runs import listing, progress, records
from lib.runs.run import checked_workers
from lib.runs.store import read_json, write_json
from lib.runs.tasks import label


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


def run(notebook: str, profile: str, *, workers: str = "1", **changes: object) -> Path:
    """Execute a notebook with a profile and changed parameters; return the path of the executed copy in runs/.

    ``workers``: who computes its parts, as :class:`lib.runs.Run` takes it from $BOOK_WORKERS. A terminal shows a bar of parts.

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
        with _sweeping(checked_workers(workers), target.with_name(f"progress-{os.getpid()}.json")):
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


@contextlib.contextmanager
def _sweeping(workers: str, file: Path) -> Iterator[None]:
    """Tell the kernel, by its environment, who computes parts; draw the bar of parts from the file that it writes."""
    before = {name: os.environ.get(name) for name in ("BOOK_WORKERS", "BOOK_PROGRESS")}
    os.environ |= {"BOOK_WORKERS": workers, "BOOK_PROGRESS": str(file)}
    stop = threading.Event()
    bar = threading.Thread(target=progress.follow, args=(file, stop), daemon=True)
    if sys.stderr.isatty():
        bar.start()
    try:
        yield
    finally:
        stop.set()
        if bar.is_alive():
            bar.join()
        file.unlink(missing_ok=True)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


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
    """Copy the last complete paper run of a notebook to data/reference, if it is the profile's and of today's code.

    Raises ValueError if there is no such run, naming the parameters that differ or the first part that the code of today would
    compute otherwise. Checked by tests/notebooks/test_reruns.py.
    """
    name = name_of(notebook)
    wanted = {**defaults(name), **parameters.profile(name, "paper")}
    path = runs_folder() / "paper" / name / "record.json"
    if not path.exists():
        raise ValueError(f"no complete paper run of {name} in runs/; start one with PROFILE=paper")
    record = read_json(path)
    differing = sorted(key for key, value in record["parameters"].items() if wanted.get(key) != value)
    if differing or not record["complete"]:
        raise ValueError(f"{name}: parameters {differing} differ from the paper profile's")
    if old := records.outdated(record):
        part = label(old[0]["function"], old[0]["arguments"])
        raise ValueError(f"{name}: {len(old)} parts, the first {part}, were made with older code; run it again")
    target = records.REFERENCE / f"{name}.json"
    write_json(target, record)
    return target


def promote_ledgers() -> list[Path]:
    """Copy the ledgers of the last laptop runs to data/ledger; a committed one that has not moved is left alone.

    Raises ValueError, and copies nothing, if one was made with other parameters than the notebook's own cell or does not say with
    which; it names the notebooks and the parameters. Checked by tests/notebooks/test_reruns.py.
    """
    found = [read_json(path) for path in sorted((runs_folder() / "laptop").glob("*/*/ledger.json"))]
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
            write_json(target, content)
            written.append(target)
    return written


def main(arguments: list[str] | None = None) -> None:
    """Command line of this module; ``make run``, ``make record`` and ``make ledger`` call it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", nargs="?", help="such as beyond-collapse/01-phase-transition")
    parser.add_argument("--profile", default="laptop", help="smoke, laptop (the notebook's own cell) or paper")
    parser.add_argument("-p", "--parameter", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    parser.add_argument(
        "--workers", default="1", help="1: this process; 2: two processes; tcp://host:8786: a Dask scheduler"
    )
    parser.add_argument(
        "--parts", action="store_true", help="list the parts of the notebook's last run, with their state"
    )
    parser.add_argument("--record", action="store_true", help="copy the last complete paper run to data/reference")
    parser.add_argument("--ledger", action="store_true", help="copy the last laptop ledgers to data/ledger")
    options = parser.parse_args(arguments)
    try:
        if options.ledger:
            written = promote_ledgers()
        elif options.notebook is None:
            parser.error("name a notebook")
        elif options.parts:
            print("\n".join(listing.parts(name_of(options.notebook), options.profile)))
            return
        elif options.record:
            written = [promote_record(options.notebook)]
        else:
            changes = {name: here(parsed(value)) for name, value in options.parameter}
            written = [run(options.notebook, options.profile, workers=options.workers, **changes)]
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
