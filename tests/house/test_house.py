"""The plan of the house holds: one commit point, pure rules, rooms that know only what they may."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from config import ROOT
from dsbs import create_app

CODE = sorted(path.relative_to(ROOT) for folder in ("dsbs", "worker") for path in (ROOT / folder).rglob("*.py"))

#: Rooms that know no Flask, no forms and no worker, so that web, worker and command line call the same functions.
_NO_DOORS = {"rules", "models", "queries", "access", "service", "occasions", "reactions"}
_DOORS = ("flask", "flask_", "wtforms", "celery", "werkzeug", "jinja2")
#: Written in the database's own words on purpose.
_MAY_WRITE_SQL = {"dsbs/core/db.py", "dsbs/core/kept.py"}
_LONGEST_FUNCTION = 40
_LONGEST_CREATE_APP = 60


def test_create_app_is_a_table_of_contents() -> None:
    assert _length(_function(create_app.__name__, Path("dsbs/__init__.py"))) < _LONGEST_CREATE_APP


def test_only_the_write_scope_commits() -> None:
    commits = [path for path in CODE if "commit" in _called(path)]

    assert commits == [Path("dsbs/core/db.py")]


def test_services_never_open_a_write_scope() -> None:
    assert [path for path in CODE if _room(path) == "service" and "write" in _called(path)] == []


def test_no_feature_goes_round_the_history() -> None:
    ways_round = {"sqlalchemy.text", "sqlalchemy.sql.text"}
    bulk = {"bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings"}
    going = [str(path) for path in CODE if _is_feature(path) and (ways_round & _names(path) or bulk & _called(path))]

    assert going == []


def test_only_guards_and_the_write_scope_speak_to_the_database_bare() -> None:
    bare = {"exec_driver_sql", "raw_connection", "driver_connection"}
    spoken = [str(path) for path in CODE if bare & (_called(path) | _attributes(path)) and path.stem != "guards"]

    assert set(spoken) <= _MAY_WRITE_SQL


def test_rules_are_pure() -> None:
    known = {*sys.stdlib_module_names, "dsbs.core.refusals"}
    impure = [
        f"{path}: {module}"
        for path in CODE
        if _room(path) == "rules"
        for module in _imported(path)
        # A rule may build on another feature's rules, which are as pure.
        if module.split(".")[0] not in known and module not in known and "rules" not in module.split(".")
    ]

    assert impure == []


def test_no_room_below_the_doors_knows_flask_forms_or_the_worker() -> None:
    knowing = [
        f"{path}: {module}"
        for path in CODE
        if _is_feature(path) and _room(path) in _NO_DOORS
        for module in _imported(path)
        if module.split(".")[0].startswith(_DOORS)
    ]

    assert knowing == []


def test_no_room_is_a_drawer() -> None:
    assert [path for path in CODE if path.stem in {"utils", "util", "helpers", "common", "misc"}] == []


def test_functions_stay_short() -> None:
    long = [
        f"{path}:{function.lineno} {function.name} has {_length(function)} lines"
        for path in CODE
        for function in _functions(path)
        if _length(function) > _LONGEST_FUNCTION
    ]

    assert long == []


def _room(path: Path) -> str:
    """The room of a feature that a file belongs to; ``service`` and ``views`` may be folders."""
    return path.parts[2].removesuffix(".py") if len(path.parts) > 2 else ""


def _is_feature(path: Path) -> bool:
    return path.parts[0] == "dsbs" and len(path.parts) > 2 and path.parts[1] != "core"


def _tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _function(name: str, path: Path) -> ast.FunctionDef | ast.AsyncFunctionDef:
    return next(function for function in _functions(path) if function.name == name)


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _called(path: Path) -> set[str]:
    calls = [node.func for node in ast.walk(_tree(path)) if isinstance(node, ast.Call)]
    return {call.id if isinstance(call, ast.Name) else getattr(call, "attr", "") for call in calls}


def _attributes(path: Path) -> set[str]:
    return {node.attr for node in ast.walk(_tree(path)) if isinstance(node, ast.Attribute)}


def _names(path: Path) -> set[str]:
    """What is imported by name, as ``module.name``."""
    froms = (node for node in ast.walk(_tree(path)) if isinstance(node, ast.ImportFrom))
    return {f"{node.module}.{alias.name}" for node in froms for alias in node.names}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module != "__future__":
            yield node.module
