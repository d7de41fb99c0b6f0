"""The generic machine: a table of moves, its structural checks, and what stands against a move."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from pathway.domain.facts import CourseFacts
from pathway.domain.machine_types import NOT_OFFERED, Checklist, Guard
from terms.refusals import Kind, Refusal
from terms.roles import ROLE_NAMES, Role
from terms.words import N_

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)
class Move(Generic[S]):
    """One permitted step of a machine. `back` and `reasoned` moves need a reason.

    A `slip` says that the step before it never was, as every way back out of an end does.
    """

    source: S
    target: S
    roles: tuple[Role, ...]
    guards: tuple[Guard, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    back: bool = False
    reasoned: bool = False
    slip: bool = False

    @property
    def needs_reason(self) -> bool:
        """Whether a reason must be given for the move itself."""
        return self.back or self.reasoned


@dataclass(frozen=True)
class Option(Generic[S]):
    """A move as it stands for somebody now: every reason against it at once."""

    move: Move[S]
    refusals: tuple[Refusal, ...]

    @property
    def hard(self) -> tuple[Refusal, ...]:
        """What refuses the move outright."""
        return tuple(refusal for refusal in self.refusals if refusal.kind is Kind.HARD)

    @property
    def soft(self) -> tuple[Refusal, ...]:
        """What yields to a recorded reason."""
        return tuple(refusal for refusal in self.refusals if refusal.kind is Kind.SOFT)

    @property
    def allowed(self) -> bool:
        """Whether the move can be made, at most against soft refusals."""
        return not self.hard


class BrokenTable(Exception):
    """The table of a machine contradicts itself; names every fault."""


@dataclass(frozen=True)
class Machine(Generic[S]):
    """A named table of moves over the members of a StrEnum.

    `open_end` holds the states from which the subject still asks for work; `starts` may be more
    than one where somebody chooses how the subject begins. `labels` are English msgids.
    """

    name: str
    label: str
    states: type[S]
    starts: tuple[S, ...]
    ends: frozenset[S]
    moves: tuple[Move[S], ...]
    labels: Mapping[S, str]

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise BrokenTable(f"{self.name}: " + "; ".join(faults))

    def _faults(self) -> Iterable[str]:
        pairs = [(move.source, move.target) for move in self.moves]
        yield from (f"{a}→{b} twice" for a, b in {p for p in pairs if pairs.count(p) > 1})
        yield from (f"{a} is an end with a way forward" for a in sorted(self._leaky_ends()))
        reached = self._reachable()
        for state in self.states:
            if state not in reached:
                yield f"{state} cannot be reached"
            if state not in self.ends and not any(move.source == state for move in self.moves):
                yield f"{state} has no way out and is no end"
            if state not in self.labels:
                yield f"{state} has no label"
        yield from (
            f"{move.source}→{move.target} has nobody who may"
            for move in self.moves
            if not move.roles
        )

    def _leaky_ends(self) -> set[S]:
        return {m.source for m in self.moves if m.source in self.ends and not m.back}

    def _reachable(self) -> set[S]:
        reached, fresh = set(self.starts), list(self.starts)
        while fresh:
            state = fresh.pop()
            for move in self.moves:
                if move.source == state and move.target not in reached:
                    reached.add(move.target)
                    fresh.append(move.target)
        return reached

    def state(self, value: str) -> S:
        """The member for a stored value. Raises ValueError for an unknown one."""
        return self.states(value)

    def find(self, source: S, target: S) -> Move[S] | None:
        """The move between two states, or None when the table has none."""
        return next((m for m in self.moves if m.source == source and m.target == target), None)

    def is_slip(self, move: Move[S]) -> bool:
        """Whether a move says that the step before it never was."""
        return move.slip or (move.back and move.source in self.ends)

    def moves_from(
        self, state: S, facts: CourseFacts, roles: frozenset[str]
    ) -> tuple[Option[S], ...]:
        """Every move out of `state` with every refusal, in the order of the table.

        What is nobody's to choose (NOT_OFFERED) is left out, not refused.
        """
        options = (Option(m, against(m, facts, roles)) for m in self.moves if m.source == state)
        return tuple(
            option for option in options if NOT_OFFERED.isdisjoint(r.code for r in option.refusals)
        )


def against(move: Move[S], facts: CourseFacts, roles: frozenset[str]) -> tuple[Refusal, ...]:
    """Everything against `move` for a person with `roles`: the role first, then every guard.

    The page's buttons and the write ask this same function, so that they cannot disagree.
    """
    refusals = [refusal for guard in move.guards if (refusal := guard(facts)) is not None]
    said = {refusal.code for refusal in refusals}
    for checks in move.checklists:  # a check behind which a guard stands says the same
        refusals += [refusal for refusal in checks(facts) if refusal.code not in said]
    if roles.isdisjoint(move.roles):
        refusals.insert(0, role_refusal(move))
    return tuple(refusals)


def role_refusal(move: Move[S]) -> Refusal:
    """The refusal of somebody none of whose roles may make `move`."""
    return Refusal(
        code="role",
        message=N_("Your role may not make this move."),
        params={"roles": ", ".join(ROLE_NAMES[role] for role in move.roles)},
        who_may=tuple(move.roles),
    )
