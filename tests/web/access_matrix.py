"""The engine of the access matrix: the rows of access_matrix.toml and the addresses of the site.

A row is `"name(kwarg=object) METHOD" = "who=status …"`. Who is a role, a group, `all`, `rest`
(every role not named), `anonymous` or `other`. `other` is the answer, to those whom their own
centre's object answers, for the object of another centre. A status may be `302|422`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

from terms.roles import Role

TABLE = Path(__file__).with_name("access_matrix.toml")
_KEY = re.compile(r"(?P<name>[\w:-]+)(?:\((?P<kwargs>[^)]*)\))? (?P<method>[A-Z]+)")
REFUSED = frozenset({403})
_PAGES = ("GET", "POST")


@dataclass(frozen=True)
class Row:
    """What one method of one address answers to whom."""

    name: str
    method: str
    kwargs: Mapping[str, str]  # keyword of the address → kind of object, or 'a literal'
    roles: Mapping[str, frozenset[int]]
    anonymous: frozenset[int]
    other: frozenset[int]  # empty for an address that names no object
    body: str = ""  # JSON, with @kind@ for an object

    @property
    def key(self) -> tuple[str, str]:
        """Address and method."""
        return (self.name, self.method)

    def expected_of_other(self, role: str) -> frozenset[int]:
        """What `role` may get for the object of another centre."""
        own = self.roles[role]
        return own | self.other if own <= REFUSED else self.other


@dataclass(frozen=True)
class Address:
    """A named address, the keywords it needs and the methods that may be asked of it."""

    name: str
    route: str
    kwargs: frozenset[str]
    methods: tuple[str, ...]


def read_table(file: Path = TABLE) -> dict[str, list[Row]]:
    """The rows by section; raises ValueError naming the row that cannot be read."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    bodies = data.pop("bodies", {})
    groups = {name: text.split() for name, text in data.pop("groups").items()}
    groups["all"] = [role.value for role in Role]
    groups |= {role.value: [role.value] for role in Role}
    return {
        section: [_row(key, text, groups, bodies) for key, text in rows.items()]
        for section, rows in data.items()
    }


def _row(key: str, text: str, groups: Mapping[str, list[str]], bodies: Mapping[str, str]) -> Row:
    parts = _KEY.fullmatch(key)
    if parts is None:
        raise ValueError(f"{key!r} is not `name(kwarg=object) METHOD`")
    kwargs = dict(pair.strip().split("=") for pair in (parts["kwargs"] or "").split(",") if pair)
    said = dict(word.split("=") for word in text.split())
    status = {who: frozenset(map(int, answer.split("|"))) for who, answer in said.items()}
    anonymous, rest = status.pop("anonymous", None), status.pop("rest", None)
    other = status.pop("other", frozenset())
    roles: dict[str, frozenset[int]] = {}
    for who, answer in status.items():
        if who not in groups:
            raise ValueError(f"{key!r}: {who!r} is neither a role nor a group")
        roles |= dict.fromkeys(groups[who], answer)
    missing = set(Role) - set(roles)
    if rest is not None:
        roles |= dict.fromkeys(missing, rest)
    elif missing:
        raise ValueError(f"{key!r} says nothing of {', '.join(sorted(missing))}")
    if anonymous is None:
        raise ValueError(f"{key!r} says nothing of anonymous")
    if any(not value.startswith("'") for value in kwargs.values()) != bool(other):
        raise ValueError(f"{key!r}: `other` belongs to rows that name an object, and only there")
    body = bodies.get(f"{parts['name']} {parts['method']}", "")
    return Row(parts["name"], parts["method"], kwargs, roles, anonymous, other, body)


def addresses() -> Iterator[Address]:
    """Every address of the site; raises ValueError for one without a name."""
    yield from _walk(get_resolver(), "", "", frozenset())


def _walk(
    resolver: URLResolver, route: str, namespace: str, kwargs: frozenset[str]
) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        here = route + str(entry.pattern)
        needed = kwargs | set(entry.pattern.converters) | set(entry.pattern.regex.groupindex)
        if isinstance(entry, URLPattern):
            if not entry.name:
                raise ValueError(f"the address {here!r} has no name: give it one")
            yield Address(namespace + entry.name, here, needed, _methods(entry, here))
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, here, inner, needed)


def _methods(entry: URLPattern, route: str) -> tuple[str, ...]:
    """Those a view class has; of a view function, which says nothing, all it could have."""
    # Django's and allauth's page classes take PUT for POST: no page asks for it.
    known = ("GET", "POST", "PUT", "PATCH", "DELETE") if route.startswith("api/") else _PAGES
    made_of = getattr(entry.callback, "cls", None) or getattr(entry.callback, "view_class", None)
    return tuple(m for m in known if made_of is None or hasattr(made_of, m.lower()))
