"""lib.runs.closure: what a change of source reaches, on small libraries made here and on the book's own."""

import textwrap

import pytest

from lib.runs import closure
from lib.runs.closure import Symbol

FILES = {
    "lib/__init__.py": "",
    "lib/theory/__init__.py": "",
    "lib/theory/gauss.py": '''
        """Words."""
        import math
        HALF = 0.5
        def cdf(x):
            """Words."""
            return HALF * math.erfc(-x)
        def pdf(x):
            return math.exp(-x)
        ''',
    "lib/models/__init__.py": "from lib.models.ridge import fit\n",
    "lib/models/ridge.py": """
        from lib.theory import gauss
        from lib.theory.gauss import pdf as density
        class Fit:
            def __init__(self):
                self.x = density(0)
            def read(self):
                return gauss.cdf(1)
        def fit():
            return Fit()
        def other():
            return 1
        """,
    "lib/experiments/__init__.py": "",
    "lib/experiments/mixing.py": """
        import lib.models
        def point(p):
            from lib.models.ridge import other
            return other() + p
        def whole():
            return lib.models.fit()
        def design():
            return "mixing.point"
        def passed_on():
            from lib.theory import gauss
            return [gauss]
        def one():
            from lib.theory.gauss import pdf as same
            return same(0)
        def another():
            from lib.models.ridge import other as same
            return same()
        def inner():
            from lib.models.ridge import other as constant
            return constant()
        try:
            CONSTANT = 1
        except ValueError:
            CONSTANT = 2
        def constant():
            return CONSTANT
        def shadowed(point, whole):
            return [design + point.x for design in whole]
        """,
}


@pytest.fixture
def library(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    yield tmp_path
    closure.forget()


def reached(root, name, **options):
    module, _, own = name.rpartition(".")
    return closure.of_symbol(module, own, root=root, **options)


def names(symbols):
    return {f"{symbol.module.removeprefix('lib.')}.{symbol.name}" for symbol in symbols}


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("lib.experiments.mixing.point", {"experiments.mixing.point", "models.ridge.other"}),
        (
            "lib.experiments.mixing.whole",
            {
                "experiments.mixing.whole",
                "models.ridge.fit",
                "models.ridge.Fit",
                "theory.gauss.pdf",
                "theory.gauss.cdf",
                "theory.gauss.HALF",
            },
        ),
        (
            "lib.experiments.mixing.design",
            {"experiments.mixing.design", "experiments.mixing.point", "models.ridge.other"},
        ),
        (
            "lib.experiments.mixing.passed_on",
            {"experiments.mixing.passed_on", "theory.gauss.HALF", "theory.gauss.cdf", "theory.gauss.pdf"},
        ),
        ("lib.experiments.mixing.constant", {"experiments.mixing.constant", "experiments.mixing.CONSTANT"}),
        ("lib.experiments.mixing.shadowed", {"experiments.mixing.shadowed"}),
        # a name that two functions import from two places leads to both: rather too much than too little
        ("lib.experiments.mixing.one", {"experiments.mixing.one", "theory.gauss.pdf", "models.ridge.other"}),
        ("lib.experiments.mixing.another", {"experiments.mixing.another", "theory.gauss.pdf", "models.ridge.other"}),
        (
            "lib.experiments.mixing.inner",
            {
                "experiments.mixing.inner",
                "models.ridge.other",
                "experiments.mixing.constant",
                "experiments.mixing.CONSTANT",
            },
        ),
        (
            "lib.models.fit",
            {"models.ridge.fit", "models.ridge.Fit", "theory.gauss.pdf", "theory.gauss.cdf", "theory.gauss.HALF"},
        ),
    ],
)
def test_reach(library, start, expected):
    assert names(reached(library, start)) == expected


def test_a_package_left_out_is_not_entered(library):
    found = reached(library, "lib.experiments.mixing.whole", without=["lib.theory"])
    assert names(found) == {"experiments.mixing.whole", "models.ridge.fit", "models.ridge.Fit"}


@pytest.mark.parametrize(
    ("path", "before", "after", "moves"),
    [
        ("lib/theory/gauss.py", "HALF = 0.5", "HALF = 0.25", True),
        ("lib/theory/gauss.py", "math.erfc(-x)", "math.erfc(x)", True),
        ("lib/theory/gauss.py", '"""Words."""\n    return', '"""Other words."""\n    return', False),
        ("lib/theory/gauss.py", "import math", "import math  # a comment", False),
        ("lib/models/ridge.py", "return 1", "return 2", False),
        ("lib/experiments/mixing.py", "other() + p", "other() - p", False),
        ("lib/theory/gauss.py", "import math", "import math\nprint('at import')", True),
    ],
)
def test_what_a_change_moves(library, path, before, after, moves):
    """A constant, a formula or a statement at import moves what reaches it; words, comments and neighbours do not."""
    first = closure.digest(reached(library, "lib.experiments.mixing.whole"))
    text = (library / path).read_text()
    assert before in text
    (library / path).write_text(text.replace(before, after))
    closure.forget()
    assert (closure.digest(reached(library, "lib.experiments.mixing.whole")) != first) == moves


def test_source_of_a_notebook(library):
    source = "from lib.runs import Task\nfrom lib.theory.gauss import pdf\nTask('mixing.point', p=1)\npdf(0)\n"
    found = closure.of_source(source, root=library)
    assert names(found) == {"theory.gauss.pdf", "experiments.mixing.point", "models.ridge.other"}


def test_unknown_name(library):
    with pytest.raises(ValueError, match=r"lib\.theory\.gauss\.none is no function"):
        reached(library, "lib.theory.gauss.none")
    with pytest.raises(ValueError, match=r"lib\.none\.x is no function"):
        reached(library, "lib.none.x")


def test_the_books_own_library():
    found = closure.of_symbol("lib.experiments.rehearsal", "total")
    assert set(found) == {Symbol("lib.experiments.rehearsal", "total")}
    found = closure.of_symbol("lib.experiments.rehearsal", "block")
    assert Symbol("lib.seeds", "sequence") in found
    assert Symbol("lib.theory.checks", "integer") in found
    assert not any(symbol.module.startswith("lib.explore") for symbol in found)
