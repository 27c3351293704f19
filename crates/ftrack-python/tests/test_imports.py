"""Which module of the package imports which, while programs run: no two of them each other, in however many steps."""

from __future__ import annotations

import ast
import os
from typing import Iterator

import ftrack_rust

#: A session begins units of work, and a unit of work is a session.
_MUTUAL = {("session", "_unit")}


def _modules() -> dict[str, str]:
    """The paths of the modules of the package by their names."""
    root = os.path.dirname(ftrack_rust.__file__)
    found = {}
    for folder, _, files in os.walk(root):
        for name in files:
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                module = os.path.relpath(path, root)[: -len(".py")].replace(os.sep, ".")
                found[module.replace(".__init__", "")] = path
    return found


def _imports(node: ast.AST) -> Iterator[ast.ImportFrom]:
    """The imports below *node*, also those in functions, but for those that only type checkers read."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and getattr(child.test, "id", "") == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.ImportFrom):
            yield child
        yield from _imports(child)


def _imported(module: str, path: str, modules: dict[str, str]) -> Iterator[str]:
    """The modules of the package that *module* imports."""
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    package = module.split(".")
    if not path.endswith("__init__.py"):
        package.pop()
    for found in _imports(tree):
        if not found.level:
            continue
        above = package[: len(package) - found.level + 1]
        base = above + (found.module.split(".") if found.module else [])
        for alias in found.names:
            named = ".".join(base + [alias.name])
            imported = named if named in modules else ".".join(base)
            if imported in modules and imported != module and (module, imported) not in _MUTUAL:
                yield imported


def test_no_modules_import_each_other_in_a_circle():
    modules = _modules()
    assert "entity.location" in modules and len(modules) > 40
    # The package itself only hands on what is below it.
    del modules["__init__"]
    open_imports = {name: set(_imported(name, path, modules)) for name, path in modules.items()}
    assert open_imports["_locations"] >= {"accessor.disk", "symbol"}
    # What imports nothing that is left is no part of a circle.
    while True:
        done = {name for name, imported in open_imports.items() if not imported & open_imports.keys()}
        if not done:
            break
        for name in done:
            del open_imports[name]
    assert not open_imports
