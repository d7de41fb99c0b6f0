"""Every column of every model of ours: whether it identifies somebody, and what leaves in a file.

One module per app declares its own; a test fails for a column without a declaration and for a
declaration without a column. What a file may hold is asked here.
"""

from collections.abc import Iterable, Mapping

from exports.fields import chart, journey, people, reminding, toxicity
from exports.fields.kinds import Declared, Kind, Level


def declared() -> Mapping[tuple[str, str], Kind]:
    """The kind of each column by model and name; ValueError for one that is declared twice."""
    return _gathered((*people.FIELDS, *chart.FIELDS, *journey.FIELDS, *toxicity.FIELDS,
                      *reminding.FIELDS))  # fmt: skip


def _gathered(groups: Iterable[Declared]) -> dict[tuple[str, str], Kind]:
    found: dict[tuple[str, str], Kind] = {}
    for group in groups:
        for name, kind in group.columns():
            if (group.model, name) in found:
                raise ValueError(f"{group.model}.{name} is declared twice")
            found[group.model, name] = kind
    return found


_KINDS = declared()
# What a file of each level may hold. Free text leaves in none: it may name anybody.
_LEAVING = {
    Level.PSEUDONYMISED: frozenset({Kind.DATE, Kind.CLINICAL, Kind.CODED}),
    Level.IDENTIFIED: frozenset({Kind.DATE, Kind.CLINICAL, Kind.CODED, Kind.DIRECT}),
}


def kind_of(model: str, name: str) -> Kind:
    """What a column is declared as, such as `patients.patient` and `sex`; KeyError for none."""
    return _KINDS[model, name]


def leaves(model: str, name: str, level: Level) -> bool:
    """Whether a column may stand in a file of that level; dates of a pseudonymised one shifted."""
    return kind_of(model, name) in _LEAVING[level]
