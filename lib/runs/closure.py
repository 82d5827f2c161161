"""Which source decides what a function returns: its own, and that of everything inside ``lib`` that it names.

The source is read, not run. A name leads to the function, class or constant that it stands for, and on from there, through
imports, attributes of modules, and texts that name a function of ``lib.experiments`` or ``lib.theory``, as tasks and sliders
do. Comments and docstrings count for nothing. A class counts whole, with all its methods; so does a module that is passed on
as a value. What arrives as an argument is no part of a function: arguments have a key of their own (:mod:`lib.runs.keys`).
"""

import ast
import hashlib
import re
import symtable
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lib import arguments
from lib.paths import ROOT

DOTTED = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)+")
NAMED_BY_TEXT = ("lib.experiments", "lib.theory")  # where a text such as "mixing.point" may name a function


class Symbol(NamedTuple):
    """A top-level name of a module, such as ("lib.theory.gaussian", "cdf")."""

    module: str
    name: str


class Module(NamedTuple):
    """A parsed file. ``definitions``: top-level name to the statements that bind it; ``imports``: local name to all (module, name
    or None for the module itself) that it stands for, since two functions may import two things under one name; ``loose``:
    statements that bind nothing, which belong to every name of the file."""

    name: str
    definitions: dict[str, list[ast.stmt]]
    imports: dict[str, list[tuple[str, str | None]]]
    loose: list[ast.stmt]


def of_symbol(module: str, name: str, *, root: Path = ROOT, without: Iterable[str] = ()) -> dict[Symbol, str]:
    """Digests of all symbols that ``module.name`` reaches, itself included; packages named in ``without`` are not entered.

    Raises ValueError if there is no such name. Checked by tests/runs/test_closure.py.
    """
    root, without = arguments.path("root", root), arguments.texts("without", without, "names of packages")
    module, name = arguments.text("module", module, "a module of lib"), arguments.text("name", name, "a name of it")
    parsed = _module(root, module)
    if parsed is None or not (name in parsed.definitions or name in parsed.imports):
        raise ValueError(
            f"{module}.{name} is no function of this book's lib; allowed: module = one of lib, name = one of it"
        )
    return _reach(root, [Symbol(module, name)], tuple(without))


def of_source(source: str, *, root: Path = ROOT, without: Iterable[str] = ()) -> dict[Symbol, str]:
    """Digests of all symbols of ``lib`` that a piece of source reaches, such as the code cells of a notebook.

    Checked by tests/runs/test_closure.py.
    """
    root, without = arguments.path("root", root), arguments.texts("without", without, "names of packages")
    arguments.text("source", source, "Python")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"source = {source!r:.80} is no Python ({error}); allowed: source that can be read") from error
    module = Module("", {}, _imports(tree, "", root), [])
    return _reach(root, _references(tree, module, root), tuple(without))


def digest(symbols: dict[Symbol, str]) -> str:
    """One hex digest of a closure. Checked by tests/runs/test_closure.py."""
    total = hashlib.sha256()
    for symbol in sorted(symbols):
        total.update(f"{symbol.module} {symbol.name} {symbols[symbol]}\n".encode())
    return total.hexdigest()


def _reach(root: Path, start: Iterable[Symbol], without: tuple[str, ...]) -> dict[Symbol, str]:
    found: dict[Symbol, str] = {}
    waiting = list(start)
    while waiting:
        symbol = waiting.pop()
        inside = any(symbol.module == package or symbol.module.startswith(package + ".") for package in without)
        if symbol in found or inside:
            continue
        module = _module(root, symbol.module)
        if symbol.name not in module.definitions:  # a name that the module only imports, as packages do
            waiting += [each for target in module.imports[symbol.name] for each in _target(*target, root)]
            continue
        own, references = _symbol(root, symbol)
        found[symbol] = own
        waiting += references
    return found


@cache
def _symbol(root: Path, symbol: Symbol) -> tuple[str, list[Symbol]]:
    """Digest of a symbol's own statements, and what they name."""
    module = _module(root, symbol.module)
    nodes = [*module.definitions[symbol.name], *module.loose]
    text = "\n".join(ast.dump(node) for node in nodes)
    references = [each for node in nodes for each in _references(node, module, root)]
    return hashlib.sha256(text.encode()).hexdigest(), references


@cache
def _module(root: Path, name: str) -> Module | None:
    path = _path(root, name)
    if path is None:
        return None
    tree = _without_docstrings(ast.parse(path.read_text()))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    definitions: dict[str, list[ast.stmt]] = {}
    loose = []
    for statement in tree.body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            continue
        bound = _bound(statement)
        if not bound and not isinstance(statement, ast.Pass):
            loose.append(statement)
        for each in bound:
            definitions.setdefault(each, []).append(statement)
    return Module(name, definitions, _imports(tree, package, root), loose)


def forget() -> None:
    """Read all files again next time: they may have changed since. Checked by tests/runs/test_closure.py."""
    _module.cache_clear()
    _symbol.cache_clear()


def _path(root: Path, name: str) -> Path | None:
    """The file of a module of lib, None for anything else."""
    if name.split(".")[0] != "lib":
        return None
    base = root.joinpath(*name.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


def _bound(statement: ast.stmt) -> set[str]:
    """Names that a top-level statement binds, also inside its blocks (a try around two versions of a constant)."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    inner = [node for node in ast.walk(statement) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return {node.name for node in inner} | {node.id for node in names}


def _imports(tree: ast.AST, package: str, root: Path) -> dict[str, list[tuple[str, str | None]]]:
    """Local names of imported modules and symbols of lib, wherever in the tree they are imported."""
    found: dict[str, list[tuple[str, str | None]]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                if each.name.split(".")[0] == "lib":
                    found.setdefault(each.asname or "lib", []).append((each.name if each.asname else "lib", None))
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            if module.split(".")[0] != "lib":
                continue
            for each in node.names:
                inner = f"{module}.{each.name}"
                target = (inner, None) if _path(root, inner) else (module, each.name)
                found.setdefault(each.asname or each.name, []).append(target)
    return found


def _references(tree: ast.AST, module: Module, root: Path) -> list[Symbol]:
    """The symbols of lib that a piece of a module names."""
    found, inner, not_local = [], set(), _not_local(tree)
    for node in ast.walk(tree):
        if id(node) in inner or (isinstance(node, ast.Name) and node.id not in not_local):
            continue
        if isinstance(node, ast.Attribute):
            words, base = [], node
            while isinstance(base, ast.Attribute):
                words.insert(0, base.attr)
                inner.add(id(base))
                base = base.value
            if isinstance(base, ast.Name) and base.id in not_local:
                inner.add(id(base))
                found += _resolve(base.id, words, module, root)
        elif isinstance(node, ast.Name):
            found += _resolve(node.id, [], module, root)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and DOTTED.fullmatch(node.value):
            for package in NAMED_BY_TEXT:
                inside, _, name = f"{package}.{node.value}".rpartition(".")
                parsed = _module(root, inside)
                if parsed is not None and name in parsed.definitions:
                    found.append(Symbol(inside, name))
    return found


def _not_local(tree: ast.AST) -> set[str]:
    """Names that stand for something outside the functions of a tree: no parameters, no variables of theirs."""
    names: set[str] = set()
    tables = [symtable.symtable(ast.unparse(tree), "lib", "exec")]
    names.update(tables[0].get_identifiers())
    while tables:
        for table in tables.pop().get_children():
            tables.append(table)
            names.update(each.get_name() for each in table.get_symbols() if each.is_global() or each.is_imported())
    return names


def _resolve(name: str, words: list[str], module: Module, root: Path) -> list[Symbol]:
    """What ``name.word.word`` of a module stands for."""
    own = [Symbol(module.name, name)] if name in module.definitions else []
    return own + [each for target in module.imports.get(name, ()) for each in _imported(*target, words, root)]


def _imported(target: str, symbol: str | None, words: list[str], root: Path) -> list[Symbol]:
    """What ``word.word`` of an import stands for."""
    if symbol is not None:
        return _target(target, symbol, root)
    for word in words:
        if _path(root, f"{target}.{word}"):
            target = f"{target}.{word}"
        else:
            return _target(target, word, root)
    return _target(target, None, root)


def _target(module: str, name: str | None, root: Path) -> list[Symbol]:
    """A symbol, or all symbols of a module that is used as a value or by a star."""
    parsed = _module(root, module)
    if parsed is None:
        return []
    if name is None or name == "*":
        return [Symbol(module, each) for each in parsed.definitions]
    return [Symbol(module, name)] if name in parsed.definitions or name in parsed.imports else []


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            body = node.body
            if body and isinstance(body[0], ast.Expr) and isinstance(getattr(body[0], "value", None), ast.Constant):
                node.body = body[1:] or [ast.Pass()]
    return tree
