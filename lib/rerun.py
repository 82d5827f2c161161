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
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from lib import arguments, parameters, promotion
from lib.claims import ledger
from lib.paths import shown
from lib.runs import listing, notebooks, progress
from lib.runs.files import UnwritableError, remove_leftovers, writing
from lib.runs.notebooks import name_of, source
from lib.runs.run import checked_workers

# the kernel talks over the machine's own network, which it announces with a warning on every run; and at its end it is
# interrupted, which it or tornado, its loop, may call an error. What goes wrong in a cell, or ends the kernel, comes as a
# message or as its death
QUIET_KERNEL = [
    "--IPKernelApp.log_level=CRITICAL",
    "--IPKernelApp.logging_config={'loggers': {'tornado': {'level': 'CRITICAL'}}}",
]
OWN_WORDS = ("ValueError", "ArithmeticError", "ConnectionError", "UnwritableError", "PartsFailed")


class RunFailed(RuntimeError):
    """A notebook that did not get to its end. The message says why, in a sentence."""


def run(notebook: str, profile: str, *, workers: str = "1", changes: Mapping[str, object] | None = None) -> Path:
    """Execute a notebook with a profile and changed parameters; return the path of the executed copy in runs/.

    ``workers``: who computes its parts, as :class:`lib.runs.Run` takes it from $BOOK_WORKERS. A terminal shows a bar of cells and
    one of parts. A run with changed parameters has a folder of its own (:func:`lib.runs.notebooks.folder`).

    Raises ValueError for an unknown notebook, profile or parameter name, and for two profiles; UnwritableError if the runs folder
    takes no file; RunFailed if a cell fails, and the copy then holds that cell, or if the kernel dies. Two runs at once with the
    same parameters write to files of their own; the copy is that of the run that ends last. What a killed run left half written
    is removed by the next one.
    Checked by tests/notebooks/test_rerun.py.
    """
    name, changes = name_of(notebook), {} if changes is None else changes
    target = notebooks.folder(name, chosen_parameters(name, profile, changes)) / "executed.ipynb"
    own = target.with_name(f"executed-{os.getpid()}.ipynb")
    try:
        with writing(target), _sweeping(checked_workers(workers), target.with_name(f"progress-{os.getpid()}.json")):
            target.parent.mkdir(parents=True, exist_ok=True)
            remove_leftovers(target.parent)
            own.write_text("x" * 4096)  # before anything is computed for nothing
            own.unlink()
            _execute(source(name), own, target, {**parameters.profile(name, profile), **changes})
    except UnwritableError:
        with contextlib.suppress(OSError):
            own.unlink(missing_ok=True)  # half a copy is none
        raise
    finally:
        if own.exists():
            own.replace(target)
    return target


def _execute(path: Path, own: Path, target: Path, injected: Mapping[str, object]) -> None:
    """Execute a notebook, with parameters after its own cell, into the file ``own``, which will be called ``target``."""
    # jsonschema, which papermill imports, compiles a grammar of international addresses if this package is there: two seconds of
    # each run, for a format that no notebook has
    sys.modules.setdefault("rfc3987_syntax", None)
    import papermill  # heavy, and needed for runs only
    from nbclient.exceptions import DeadKernelError

    try:
        papermill.execute_notebook(
            str(path),
            str(own),
            parameters=dict(injected),
            cwd=str(path.parent),
            progress_bar=sys.stderr.isatty(),
            log_output=False,
            extra_arguments=QUIET_KERNEL,
        )
    except papermill.PapermillExecutionError as error:
        raise RunFailed(sentence(error.ename, error.evalue, f"In [{error.exec_count}] of {shown(target)}")) from error
    except DeadKernelError as error:
        raise RunFailed(
            "the notebook's process was killed, perhaps for lack of memory; a paper run goes on where it was when started again"
        ) from error


def chosen_parameters(notebook: str, profile: str, changes: Mapping[str, object]) -> dict[str, object]:
    """All parameters of a run. Raises ValueError for an unknown name or two profiles.

    Checked by tests/notebooks/test_rerun.py.
    """
    chosen = notebooks.own(notebook, profile)
    for key in arguments.mapping("changes", changes, "values by parameter"):
        if key not in chosen:
            raise ValueError(f"parameter = {key!r} is not one of {', '.join(chosen)}")
    if changes.get("profile", profile) != profile:
        raise ValueError(f"profile = {changes['profile']!r} and profile = {profile!r} are given; allowed: one of them")
    return {**chosen, **changes}


@contextlib.contextmanager
def _sweeping(workers: str, file: Path) -> Iterator[None]:
    """Tell the kernel, by its environment, who computes parts; draw the bar of parts from the file that it writes."""
    before = {name: os.environ.get(name) for name in ("BOOK_WORKERS", "BOOK_PROGRESS")}
    os.environ |= {"BOOK_WORKERS": workers, "BOOK_PROGRESS": str(file)}
    stop = threading.Event()
    bar = threading.Thread(target=progress.follow, args=(file, stop, sys.stderr.isatty()), daemon=True)
    bar.start()
    try:
        yield
    finally:
        stop.set()
        bar.join()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        with contextlib.suppress(OSError):  # a disk that has become read-only keeps it
            file.unlink()


def sentence(name: str, words: str, place: str) -> str:
    """What a failed cell says, without a traceback: this library's own words, else the error's name, its words and its place.

    Checked by tests/notebooks/test_rerun.py.
    """
    if name in OWN_WORDS and words:
        return words
    return f"{name}: {words}\n".replace(": \n", "\n") + f"The failing cell is {place}, with the traceback."


def here(value: object) -> object:
    """A path that exists below the reader's folder, made absolute: notebooks run in a folder of their own.

    A folder counts if it is written with a slash, such as ``./my-data``; a bare word may be another parameter's value.
    Checked by tests/notebooks/test_reruns.py.
    """
    if not isinstance(value, str) or not value:
        return value
    folder = "/" in value and os.path.isdir(value)
    return os.path.abspath(value) if folder or os.path.isfile(value) else value


def report(copy: Path) -> str:
    """What a run ends with: its claims with their verdicts, and where the executed copy stands.

    Checked by tests/notebooks/test_rerun.py.
    """
    path = arguments.path("copy", copy).with_name("ledger.json")
    rows = ledger.verdicts(ledger.read(path)) if path.exists() else []
    width = max((len(claim) for claim, _ in rows), default=0)
    return "\n".join([*(f"{claim:<{width}}  {verdict}" for claim, verdict in rows), f"executed copy: {shown(copy)}"])


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line, with ``parameter`` as a list of (name, text). Checked by tests/notebooks/test_rerun.py."""
    parser = argparse.ArgumentParser(prog="lib.rerun", description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("notebook", nargs="?", help="such as beyond-collapse/01-phase-transition")
    parser.add_argument(
        "--profile", help="smoke, laptop (the notebook's own cell, and what is taken without it) or paper"
    )
    parser.add_argument(
        "-p",
        "--parameter",
        nargs=2,
        action="append",
        metavar=("NAME", "VALUE"),
        help="a parameter; give it once for each",
    )
    parser.add_argument(
        "--workers", default="1", help="1: this process; 2: two processes; tcp://host:8786: a Dask scheduler"
    )
    act = parser.add_mutually_exclusive_group()
    act.add_argument(
        "--parts", action="store_true", help="list the parts of the run with these parameters, and their state"
    )
    act.add_argument("--record", action="store_true", help="copy the last complete paper run to data/reference")
    act.add_argument("--ledger", action="store_true", help="copy the last laptop ledgers to data/ledger")
    # argparse takes a value such as -1e-3 for an option, so parameters are taken out first
    rest, given = list(arguments), []
    while (k := next((k for k, word in enumerate(rest) if word in ("-p", "--parameter")), None)) is not None:
        if len(rest) < k + 3:
            parser.error(f"{rest[k]} wants a name and a value, such as -p seed 3")
        given.append((rest[k + 1], rest[k + 2]))
        del rest[k : k + 3]
    options = parser.parse_args(rest)
    options.parameter = given
    if options.record or options.ledger:  # else a reader would think that the record is of these parameters
        said = [("-p", given), ("--profile", options.profile), ("--workers", options.workers != "1")]
        if stray := ", ".join(word for word, value in said if value):
            what = (
                "--record copies a run of the profile's own"
                if options.record
                else "--ledger copies runs of the notebooks' own"
            )
            parser.error(f"{what} parameters; it takes no {stray}")
    return options


def main(arguments: list[str] | None = None) -> None:
    """Command line of this module; ``make run``, ``make record`` and ``make ledger`` call it.

    Ends with status 1 and one sentence if anything is wrong. Checked by tests/notebooks/test_rerun.py.
    """
    options = options_of(sys.argv[1:] if arguments is None else arguments)
    try:
        _act(options)
    except KeyboardInterrupt:
        sys.exit("stopped; parts that are finished are kept, and the same command goes on from there")
    except (ValueError, OSError, RunFailed) as error:
        sys.exit(str(error))


def _act(options: argparse.Namespace) -> None:
    if options.ledger:
        written = promotion.ledgers(options.notebook)
        print("\n".join(shown(path) for path in written) or "nothing has moved")
        return
    name = name_of(options.notebook or "")
    if options.record:
        print(shown(promotion.record(name)))
        return
    twice = sorted({key for key, _ in options.parameter if [each for each, _ in options.parameter].count(key) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)}: given more than once; allowed: once")
    own = notebooks.defaults(name)
    changes = {
        key: here(parameters.read(key, text, own[key])) if key in own else text for key, text in options.parameter
    }
    profile = options.profile or changes.get("profile", "laptop")
    if options.parts:
        print("\n".join(listing.parts(name, chosen_parameters(name, str(profile), changes))))
        return
    print(report(run(name, str(profile), workers=options.workers, changes=changes)))


if __name__ == "__main__":
    main()
