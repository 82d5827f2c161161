"""The parts of a notebook's run, with the state of each: for a reader who waits, or who wonders what is missing."""

from collections import Counter
from collections.abc import Mapping

from lib.paths import below, runs_folder
from lib.runs import keys, notebooks
from lib.runs.files import read_json
from lib.runs.progress import inside
from lib.runs.records import ROW
from lib.runs.store import Store
from lib.runs.tasks import label


def state(store: Store, row: dict) -> str:
    """One part's state: done with its seconds, running, failed with its reason, missing; and whether its code has changed.

    A part that runs says how far it is, if it tells (:mod:`lib.runs.progress`). Checked by tests/runs/test_listing.py.
    """
    key = row["key"]
    try:
        current = keys.key(row["function"], row["arguments"]) == key
    except ValueError:  # the function has gone
        current = False
    if not current:
        return "of older code"
    if store.has(key):
        return f"done in {store.described(key)['seconds']:.1f} s"
    if store.claimed(key):
        told = inside(store, key)
        return f"running: {told}" if told else "running"
    failure = store.failure(key)
    return f"failed: {failure}" if failure else "missing"


def parts(notebook: str, chosen: Mapping[str, object]) -> list[str]:
    """A line a part, and a last line that counts them.

    ``chosen``: all parameters of the run, with ``profile`` among them: parts of other runs lie in the same folder, and are not
    listed. Raises ValueError if no run of this notebook with these parameters has begun, or if its plan is corrupt.
    Checked by tests/runs/test_listing.py.
    """
    plan = notebooks.folder(notebook, chosen) / "plan.json"
    if not plan.exists():
        raise ValueError(
            f"no run of {notebook} with profile {chosen['profile']!r} and these parameters has begun; start one with `make run`"
        )
    store = Store(below(runs_folder(), chosen["profile"], notebook))
    rows = [(row, state(store, row)) for row in read_json(plan, [ROW])]
    counts = Counter(words.split(":")[0].split(" in ")[0] for _, words in rows)
    lines = [f"{row['key']}  {words:<16}  {label(row['function'], row['arguments'])}" for row, words in rows]
    return [*lines, f"{len(rows)} parts: " + ", ".join(f"{count} {word}" for word, count in counts.most_common())]
