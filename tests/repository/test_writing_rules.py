"""Where writes may stand and what they must take: entrances, services, the one writer of states."""

import ast

import pytest

from tests.repository.sources import Source, calls, code, functions, python

pytestmark = pytest.mark.no_cover  # reads what is written, runs nothing of it

WRITING = {
    "bulk_create",
    "bulk_update",
    "create",
    "delete",
    "get_or_create",
    "save",
    "update",
    "update_or_create",
}
# The one writer of stages and states; a new journey and a new companion start where they are made.
WRITERS_OF_STATES = {"pathway/writing.py"}
MAKERS_OF_JOURNEYS = {
    "pathway/referring.py",
    "pathway/opening.py",
    "pathway/effects.py",
    "pathway/transcribing.py",
}
# Run by commands before anybody can be an actor: a new centre, a shipped protocol.
SETTING_UP = {"open_centre", "publish"}
CLOCKS = {"now", "today", "utcnow"}
CLOCKS_UNASKED = {"localdate", "localtime"}  # they read the clock when given nothing to convert


def is_atomic(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("atomic" in ast.unparse(decorator) for decorator in function.decorator_list)


def services() -> list[tuple[Source, ast.FunctionDef | ast.AsyncFunctionDef]]:
    return [
        (source, node)
        for source in code()
        if not source.is_entrance and source.app not in {"bench", "config"}
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and is_atomic(node)
    ]


def test_there_are_services_to_look_at() -> None:
    names = {node.name for _source, node in services()}
    assert {"advance", "move_companion", "open_companion", "refer"} <= names


def test_every_service_takes_who_and_when_by_keyword_only() -> None:
    wrong = [
        f"{source.at(node)} {node.name}"
        for source, node in services()
        if node.args.args
        or node.args.posonlyargs
        or not {"actor", "now"} - ({"actor"} if node.name in SETTING_UP else set())
        <= {argument.arg for argument in node.args.kwonlyargs}
    ]
    assert wrong == []


def test_no_service_takes_a_request() -> None:
    wrong = [
        f"{source.at(node)} {node.name}"
        for source, node in services()
        if any("Request" in ast.unparse(a.annotation) for a in node.args.kwonlyargs if a.annotation)
    ]
    assert wrong == []


def test_pages_and_api_write_nothing_themselves() -> None:
    wrong = [
        f"{source.at(call)} {ast.unparse(call.func)}"
        for source in code()
        if source.is_entrance
        for call in calls(source)
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITING
        if call.func.attr in {"save", "delete"} or "objects" in ast.unparse(call.func)
    ]
    assert wrong == []


def test_pages_and_api_reach_rows_only_through_visible_to() -> None:
    wrong = [
        f"{source.at(node)} {ast.unparse(node)}"
        for source in code()
        if source.is_entrance
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and is_manager(node.value)
        if node.attr not in {"visible_to", "none"}
    ]
    assert wrong == []


def is_manager(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}


def test_nothing_but_addresses_and_entrances_imports_an_entrance() -> None:
    entrances = {
        source.path.removesuffix(".py").replace("/", ".") for source in code() if source.is_entrance
    }
    wrong = [
        f"{source.at(node)} imports {module}"
        for source in code()
        if not source.is_entrance and "urls" not in source.name and source.app != "config"
        for node in source.tree.body
        for module in imported(node)
        if module in entrances
    ]
    assert wrong == []


def imported(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{name.name}" for name in node.names)]
    return []


def test_only_the_one_writer_assigns_a_stage_or_a_state() -> None:
    wrong = [
        f"{source.at(node)} {ast.unparse(target)}"
        for source in code()
        if source.path not in WRITERS_OF_STATES
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute) and target.attr in {"stage", "state"}
    ]
    assert wrong == []


def test_no_query_writes_a_stage_or_a_state_past_the_one_writer() -> None:
    wrong = [
        f"{source.at(call)} {ast.unparse(call.func)}"
        for source in python("patients", "reminders", "pathway", "exports", "desk", "config")
        if source.path not in MAKERS_OF_JOURNEYS
        for call in calls(source)
        if isinstance(call.func, ast.Attribute) and call.func.attr in WRITING
        if {keyword.arg for keyword in call.keywords} & {"stage", "state"}
    ]
    assert wrong == []


def test_rows_that_exist_are_saved_with_the_columns_that_changed() -> None:
    wrong = [
        f"{source.at(call)} {ast.unparse(call)}"
        for source in code()
        if source.app not in {"bench"}
        for call in calls(source)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "save"
        if not {k.arg for k in call.keywords} & {"update_fields", "force_insert", "commit"}
    ]
    assert wrong == []


def test_the_clock_is_read_where_things_come_in_and_nowhere_below() -> None:
    wrong = [
        f"{source.at(call)} {ast.unparse(call.func)}"
        for source in code()
        if source.app not in {"bench", "config"} and not source.is_edge
        for call in calls(source)
        if isinstance(call.func, ast.Attribute)
        if call.func.attr in CLOCKS or (call.func.attr in CLOCKS_UNASKED and not call.args)
    ]
    assert wrong == []


def test_every_function_with_a_lock_is_reached_inside_a_transaction() -> None:
    wrong = [
        f"{source.at(node)} {node.name}"
        for source in code()
        if source.app != "config"
        for node in functions(source)
        if not node.name.startswith(("_", "lock_")) and not is_atomic(node)
        if any(ast.unparse(call.func).endswith("lock_course") for call in own_calls(node))
    ]
    assert wrong == []


def own_calls(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.Call]:
    return [node for node in ast.walk(function) if isinstance(node, ast.Call)]
