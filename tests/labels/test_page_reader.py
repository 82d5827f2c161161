"""assets/judge-table.js, the page's reader, under node: the same counts, notes and complaints as lib.labels.table."""

import base64
import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
import tables

from lib.explore import files
from lib.labels import cells
from lib.labels.table import read

ROOT = Path(__file__).resolve().parents[2]
MICROPYTHON = ROOT / "node_modules" / "@micropython" / "micropython-webassembly-pyscript"
RUNNER = Path(__file__).with_name("page_reader.mjs")


def drawn(number, seed):
    """Tables of pieces that meet in all ways: quotes, blanks, ends of lines, separators."""
    rng = random.Random(seed)
    pieces = [
        "a",
        "b",
        "cat",
        '"',
        '""',
        " ",
        ",",
        ",",
        ";",
        "\t",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "1",
        "0",
        "yes",
        "no",
        "1.0",
        *cells.BLANKS,
        "\ufffd",
        "\U0001d11e",
    ]
    for _ in range(number):
        yield tables.HEAD + "".join(rng.choice(pieces) for _ in range(rng.randint(1, 14)))
        rows = "".join(
            f"{rng.choice('ab')},{rng.choice('ab')},{rng.choice('10')},{rng.gauss(0, 1):.4g}\n" for _ in range(120)
        )
        yield "label,generated,kept,score\n" + rows


CONTENTS = [content for content, _ in tables.READ + tables.REFUSED]
CONTENTS += [tables.with_kept(*words) for words, *_ in tables.WORDS + tables.REFUSED_WORDS]
CONTENTS += drawn(300, 3)
CONTENTS += [f"label,generated,kept,count\na,a,1,{each}\na,b,0,3\n" for each in tables.COUNTS_AS_WRITTEN]
CONTENTS += [
    f"label;generated;kept;count\na;a;1,0;{each.replace('.', ',')}\na;b;0;3\n" for each in tables.COUNTS_AS_WRITTEN
]
CONTENTS += [f"label,generated,kept\n{a},{b},1\nb,{a},1\nb,b,0\n" for (a, b), _ in tables.SPELLINGS]
CONTENTS += [  # groups of scores of rows that count
    "label,generated,kept,score,count\n"
    + "".join(f"{'ab'[k % 3 > 0]},a,1,{(37 * k) % 211},{seed * k * k % 97}\n" for k in range(400))
    for seed in (1, 5, 1000)
]
CASES = [(content, {}) for content in CONTENTS]
CASES += [
    (tables.ACCENTS, tables.ACCENTED),
    (tables.OTHER_NAMES, tables.NAMES),
    ("label,generated\na,a\na,b\n", {"kept": ""}),
]
CASES += [("label,generated,kept,score,x\na,a,1,5,a\na,b,1,5,b\n", names) for names, _ in tables.TWICE]


def in_the_page(piece, cases):
    node = shutil.which("node") or shutil.which("node", path=ROOT / ".venv" / "bin")
    if node is None or not MICROPYTHON.is_dir():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("node or node_modules/@micropython is missing")
    sent = [
        {"name": "mine.csv", "base64": base64.b64encode(content).decode(), "names": names} for content, names in cases
    ]
    sent = json.dumps({"files": files.imported(["lib.labels.cells"]), "tables": sent, "piece": piece})
    command = [node, str(RUNNER), str(MICROPYTHON), str(ROOT)]
    done = subprocess.run(command, input=sent, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def in_cpython(path, content, names):
    path.write_bytes(content)
    try:
        return json.loads(json.dumps(read(path, names)._asdict()))
    except ValueError as error:
        return {"sentence": str(error)}


@pytest.mark.parametrize("piece", [1 << 20, 61, 29])
def test_the_page_reads_what_cpython_reads(tmp_path, piece):
    """Whole, and in pieces that cut rows, cells and letters; a header must lie in the first piece."""
    cases = [(content if isinstance(content, bytes) else content.encode(), names) for content, names in CASES]
    if piece < 1 << 20:
        cases = [case for case in cases if len(case[0]) < 5000 and case[0].startswith(b"label,generated,kept")]
    if piece < 30:
        cases = [case for case in cases if case[0].startswith(tables.HEAD.encode())]
    assert len(cases) > 90
    wanted = [in_cpython(tmp_path / "mine.csv", *case) for case in cases]
    found = in_the_page(piece, cases)
    for case, one, other in zip(cases, wanted, found, strict=True):
        assert other == one, case
    assert sum("sentence" in each for each in wanted) > 10
    assert sum("sentence" not in each for each in wanted) > 10
