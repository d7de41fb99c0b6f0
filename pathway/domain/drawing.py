"""The pathway as a page of documentation: diagrams and tables, made from the tables of moves."""

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pathway.domain.companions import CLOSED_BY_EXIT, COMPANIONS
from pathway.domain.machine import Machine, Move
from pathway.domain.machine_types import Checklist, Guard
from pathway.domain.spine import SPINE
from terms.roles import ROLE_NAMES

AnyMachine = Machine[Any]
MACHINES: tuple[AnyMachine, ...] = (SPINE, *COMPANIONS.values())
# The two ways in which pathway/domain/guards.py builds a refusal.
_KINDS = {"hard": "hard", "soft": "soft"}
_INTRODUCTION = """\
# The pathway

Made by `make docs` from the tables in `pathway/domain/` and `config/wiring.py`; a test fails when \
this page is stale. Change the tables, not this page.

A course has one journey. It stands at a stage; a *move* takes it to another one when its *guards* \
find nothing against it. Companions are smaller machines beside it. A *hard* guard refuses. A \
*soft* guard yields to a reason that a haematologist records. Every number a guard compares with \
is data of the protocol to which the course is pinned. A checklist refuses with every check that \
is not passed: `item_<CODE>` for an eligibility item, `gate_<check>` for a check of a gate.

Diagrams leave out the ways back from an end: they are in the tables, and lead only to the state \
that was left."""


@dataclass(frozen=True)
class GuardRule:
    """What a guard says: its first line of documentation, and `(kind, code)` of each refusal."""

    summary: str
    refusals: tuple[tuple[str, str], ...]

    @property
    def kind(self) -> str:
        """`hard`, `soft`, or both."""
        return " or ".join(sorted({kind for kind, _code in self.refusals}))


@dataclass(frozen=True)
class Following:
    """What follows when something has happened; `name` is a code, each of `steps` a sentence."""

    name: str
    steps: tuple[str, ...]


def guard_rules(source: str) -> dict[str, GuardRule]:
    """The rules of every public function in `source`, the text of the module of guards.

    Read from the text, so that a refusal cannot be documented otherwise than it is written.
    """
    return {
        function.name: GuardRule(_first_line(ast.get_docstring(function)), _refusals(function))
        for function in ast.parse(source).body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
    }


def _refusals(function: ast.FunctionDef) -> tuple[tuple[str, str], ...]:
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    found = [
        (_KINDS[call.func.id], _code(call.args[0]))
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in _KINDS
    ]
    return tuple(dict.fromkeys(found))


def _code(argument: ast.expr) -> str:
    if isinstance(argument, ast.Name):
        return argument.id.lower()
    return str(ast.literal_eval(argument))


def guard_name(guard: Guard) -> str:
    """The guard as the table of moves writes it, such as `stage_is(apheresis)`."""
    name = guard.__qualname__.split(".")[0]
    if name == guard.__name__:
        return name
    given = inspect.getclosurevars(guard).nonlocals.values()
    words = [word for value in given for word in ([value] if isinstance(value, str) else value)]
    return f"{name}({', '.join(str(word) for word in words)})"


def checklist_name(checks: Checklist) -> str:
    """The checklist as the table of moves writes it, such as `gate_passed(infusion)`."""
    name = checks.__qualname__.split(".")[0]
    given = inspect.getclosurevars(checks).nonlocals.values()
    words = [word for word in given if isinstance(word, str) and word]
    return f"{name}({', '.join(words)})" if words else name


def page(
    guards_source: str,
    effects: Iterable[Following],
    consequences: Iterable[Following],
) -> str:
    """The whole page in Markdown."""
    rules = guard_rules(guards_source)
    parts = [_INTRODUCTION]
    for machine in MACHINES:
        parts += [f"## {machine.label}", diagram(machine), moves_table(machine, rules)]
    parts += [
        "## Guards",
        "What each guard wants, the codes with which it refuses, and the moves it stands before. "
        "Guards before the moves of one machine that look at another are the interlocks between "
        "them.",
        guards_table(rules),
        "## What an end closes",
        "An exit, a completion or a death closes the companions that are still open; the way "
        "back, or the withdrawal of the death record, reopens those that nobody has moved since. "
        "Products stay: quality decides about them.",
        closing_table(),
        "## What a move brings with it",
        "In the same transaction, by `pathway/effects.py`; what follows a move of the journey "
        "stands there in `after_stage`.",
        followings_table("when", effects),
        "## What a write causes in other apps",
        "In the same transaction and in this order, as wired in `config/wiring.py`.",
        followings_table("event", consequences),
    ]
    return "\n\n".join(parts) + "\n"


def diagram(machine: AnyMachine) -> str:
    """A Mermaid state diagram: every move, except the ways back from an end."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{machine.labels[state]}" as {state}' for state in machine.states]
    lines += [f"    [*] --> {state}" for state in machine.starts]
    lines += [
        f"    {move.source} --> {move.target}" + (" : back" if move.back else "")
        for move in machine.moves
        if move.source not in machine.ends
    ]
    lines += [f"    {state} --> [*]" for state in machine.states if state in machine.ends]
    return "\n".join([*lines, "```"])


def moves_table(machine: AnyMachine, rules: Mapping[str, GuardRule]) -> str:
    """Every move of a machine: its guards, who may make it, whether it asks for a reason."""
    rows = [
        (
            f"`{move.source}` → `{move.target}`" + (" (back)" if move.back else ""),
            "<br>".join(
                [_guard_cell(guard, rules) for guard in move.guards]
                + [f"`{checklist_name(checks)}` (every open one)" for checks in move.checklists]
            )
            or "none",
            ", ".join(ROLE_NAMES[role] for role in move.roles),
            "needed" if move.needs_reason else "",
        )
        for move in machine.moves
    ]
    return _table(("move", "guards", "who may", "reason"), rows)


def _guard_cell(guard: Guard, rules: Mapping[str, GuardRule]) -> str:
    name = guard_name(guard)
    kind = rules[name.split("(")[0]].kind
    return f"`{name}`" + ("" if kind == "hard" else f" ({kind})")


def guards_table(rules: Mapping[str, GuardRule]) -> str:
    """Every guard that stands before a move, in the order of the module."""
    rows = [
        (
            f"`{name}`",
            rule.summary,
            ", ".join(f"`{code}` ({kind})" for kind, code in rule.refusals),
            "<br>".join(where),
        )
        for name, rule in rules.items()
        if (where := _stands_before(name))
    ]
    return _table(("guard", "what it wants", "refuses with", "stands before"), rows)


def _stands_before(name: str) -> list[str]:
    found = []
    for machine in MACHINES:
        moves = [move for move in machine.moves if _asks(move, name)]
        if moves and len(moves) == len(machine.moves):
            found.append(f"{machine.name}: every move")
        elif len(moves) > 4:
            found.append(f"{machine.name}: {len(moves)} of {len(machine.moves)} moves")
        elif moves:
            ends = ", ".join(f"{move.source} → {move.target}" for move in moves)
            found.append(f"{machine.name}: {ends}")
    return found


def _asks(move: "Move[Any]", name: str) -> bool:
    return any(guard_name(guard).split("(")[0] == name for guard in move.guards)


def closing_table() -> str:
    """What an exit or a death does to each open companion."""
    rows = [
        (COMPANIONS[name].label, f"`{state}`", f"`{closed}`")
        for name, closing in CLOSED_BY_EXIT.items()
        for state, closed in closing.items()
    ]
    return _table(("companion", "open as", "closed as"), rows)


def followings_table(heading: str, followings: Iterable[Following]) -> str:
    """What follows from what, one row each; several steps in their order."""
    rows = [
        (f"`{following.name}`", "<br>".join(following.steps) or "nothing yet")
        for following in followings
    ]
    return _table((heading, "what follows"), rows)


def sentence(function: Callable[..., object]) -> str:
    """The first line of a function's documentation."""
    return _first_line(function.__doc__)


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0] if text else ""


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
