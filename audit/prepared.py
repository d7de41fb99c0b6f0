"""Statements of every move, always alike: put together once here, planned once per connection.

Building and planning them takes several times as long as running them. Here, below every other
app, because the audit writes with them too.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import date
from functools import cache
from itertools import count
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from django.db import connection, connections, models
from django.db.models.query import ModelIterable
from django.db.transaction import TransactionManagementError
from psycopg._preparing import Prepare
from psycopg._queries import PostgresQuery
from psycopg.types.numeric import Int8

Row = TypeVar("Row")
# What each connection has prepared: the names by statement and types of its values.
_names: WeakKeyDictionary[Any, dict[Any, bytes]] = WeakKeyDictionary()
_numbers = count()
# Stand in for the ids while a statement is put together; no table counts so far.
_FIRST_MARK = 2**62


def ask(statement: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement, which the database plans once: its values travel apart from it."""
    with connection.cursor() as cursor:
        cursor.cursor = _Apart(connection.connection)
        cursor.execute(statement, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _ask_anew(statement: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement that is planned for its values each time."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class _Apart(psycopg.Cursor[tuple[Any, ...]]):
    """Sends values apart from the statement; Django's log of queries shows them within it.

    psycopg would forget what it has prepared with each rollback, and so with each refusal; the
    database does not.
    """

    def execute(self, query: Any, params: Any = None, **how: Any) -> "_Apart":
        self._fresh: dict[Any, bytes] = {}
        super().execute(query, params, **how)
        _names.setdefault(self.connection, {}).update(self._fresh)
        if connection.queries_logged:
            text = psycopg.ClientCursor(self.connection).mogrify(query, params)
            self._query = SimpleNamespace(query=text.encode())  # type: ignore[assignment]
        return self

    def _get_prepared(
        self, pgq: PostgresQuery, prepare: bool | None = None
    ) -> tuple[Prepare, bytes]:
        key = (pgq.query, pgq.types)
        known = _names.get(self.connection, {}).get(key)
        if known is not None:
            return Prepare.YES, known
        self._fresh[key] = name = b"percorso_%d" % next(_numbers)
        return Prepare.SHOULD, name


class Prepared(Generic[Row]):
    """A queryset of rows or tuples that differs from call to call in ids alone.

    `make` is called once, with whole numbers in place of the ids, and must not look at them.
    `planned=False`: put together once, but planned for its values each time, as Django's own are.
    """

    def __init__(
        self, make: "Callable[..., models.QuerySet[Any, Row]]", *, planned: bool = True
    ) -> None:
        self._make = make
        self._ask = ask if planned else _ask_anew
        self._compiled: Any = None  # Django's compiler of the queryset: the way from row to object
        self._statement = ""
        self._values: tuple[Any, ...] = ()
        self._tuples = False

    def __call__(self, *ids: int | None) -> list[Row]:
        """The rows for these ids; None finds what is equal to NULL, which nothing is."""
        # Copied, for it keeps the connection of the thread that put it together.
        compiler = copy(self._compiled or self._put_together(len(ids)))
        if compiler.query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("A lock outside a transaction would hold nothing.")
        rows = self._ask(self._statement, [_filled(value, ids) for value in self._values])
        vars(compiler).update(connection=connection, execute_sql=lambda **_how: [rows])
        if self._tuples:
            return list(compiler.results_iter([rows], tuple_expected=True))
        known: dict[Any, Any] = {}
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        asked: Any = SimpleNamespace(db=connection.alias, query=query, _known_related_objects=known)
        return list(ModelIterable(asked))

    def one(self, *ids: int | None) -> Row:
        """The only row. Raises the DoesNotExist of its model when there is none."""
        rows = self(*ids)
        if not rows:
            raise self._compiled.query.model.DoesNotExist
        return rows[0]

    def _put_together(self, ids: int) -> Any:
        queryset: Any = self._make(*(_FIRST_MARK + number for number in range(ids)))
        compiler = queryset.query.get_compiler(using=queryset.db)
        self._statement, self._values = compiler.as_sql()
        self._tuples = queryset._fields is not None
        self._compiled = compiler
        return compiler


def insert(row: models.Model) -> None:
    """Write a new row, as `row.save(force_insert=True)` does where nobody listens to signals."""
    insert_all([row])


def insert_all(rows: Sequence[models.Model]) -> None:
    """Write some new rows of one model, as `insert` does each: few, for each number is prepared."""
    if not rows:
        return
    statement, fields = _insertion(type(rows[0]), len(rows))
    values = [value for row in rows for value in _values(row, fields)]
    for row, (pk,) in zip(rows, ask(statement, values), strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, connection.alias


def insert_many(rows: Sequence[models.Model]) -> None:
    """Write any number of new rows of one model in one statement; they do not learn their ids.

    Faster than `insert_all` and Django's `bulk_create` where there are hundreds: each column
    travels as one array, of plain values.
    """
    if rows:
        statement, fields = _insertion_of_many(type(rows[0]))
        ask(statement, [_column(rows, each) for each in fields])


def update(row: models.Model, *names: str) -> None:
    """Write the fields `names` of a row that the caller has locked."""
    statement, fields = _change(type(row), names)
    ((_pk,),) = ask(statement, [*_values(row, fields), Int8(row.pk)])


def update_all(rows: Sequence[models.Model], *names: str) -> None:
    """Write the fields `names` of rows of one model that the caller has locked, at one go.

    One statement fits any number of rows. Django's `bulk_update` writes a case for each row and
    field: putting that together for a course's reminders took longer than the rest of a move.
    """
    if rows:
        statement, fields = _change_of_many(type(rows[0]), names)
        ask(statement, [_column(rows, each) for each in fields])


@cache
def _insertion_of_many(model: type[models.Model]) -> tuple[str, Sequence[Any]]:
    """The statement that adds any number of rows, and the fields of their columns."""
    fields = _written(model)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    statement = (
        f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT * FROM unnest({_arrays(fields)}) '  # noqa: S608
        'RETURNING "id"'
    )
    return statement, fields


def _written(model: type[models.Model]) -> list[Any]:
    """The fields of a new row that the database does not fill by itself."""
    fields = model._meta.local_concrete_fields
    return [field for field in fields if not field.primary_key and not field.generated]


@cache
def _insertion(model: type[models.Model], number: int) -> tuple[str, Sequence[Any]]:
    """The statement that adds rows and tells their numbers, and the fields of their values."""
    fields = _written(model)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * number)
    # Every name stands in our own models, here and below.
    statement = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {marks} RETURNING "id"'  # noqa: S608
    return statement, fields


@cache
def _change(model: type[models.Model], names: Sequence[str]) -> tuple[str, Sequence[Any]]:
    """The statement that writes some fields of a row, and those fields."""
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    marks = ", ".join(f'"{field.column}" = %s' for field in fields)
    statement = f'UPDATE "{model._meta.db_table}" SET {marks} WHERE "id" = %s RETURNING "id"'  # noqa: S608
    return statement, fields


@cache
def _change_of_many(model: type[models.Model], names: Sequence[str]) -> tuple[str, Sequence[Any]]:
    """The statement that writes some fields of any number of rows; the key and those fields."""
    fields: list[Any] = [model._meta.pk, *(model._meta.get_field(name) for name in names)]
    marks = ", ".join(f'"{field.column}" = new."{field.column}"' for field in fields[1:])
    arrays, columns = _arrays(fields), ", ".join(f'"{field.column}"' for field in fields)
    table = f'"{model._meta.db_table}"'
    statement = (
        f"UPDATE {table} SET {marks} FROM unnest({arrays}) AS new({columns}) "  # noqa: S608
        f'WHERE {table}."id" = new."id" RETURNING {table}."id"'
    )
    return statement, fields


def _arrays(fields: Sequence[Any]) -> str:
    """Places for the columns of many rows; `db_type` would call a key one that counts itself."""
    return ", ".join(f"%s::{field.rel_db_type(connection)}[]" for field in fields)


def _column(rows: Sequence[models.Model], field: Any) -> str:
    """One field of many rows as the text of an array. What repeats is put into words once."""
    values, plain = [*map(attrgetter(field.attname), rows)], field.get_db_prep_save
    here = connections[connection.alias]  # by itself faster than asked for through its stand-in
    known = {value: _element(plain(value, here)) for value in {*values}}
    return "{" + ",".join(map(known.__getitem__, values)) + "}"


def _element(value: Any) -> str:
    """A plain value as an array writes it."""
    if value is None:
        return "NULL"
    text = value.isoformat() if isinstance(value, date) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _values(row: models.Model, fields: Sequence[Any]) -> list[Any]:
    return [field.get_db_prep_save(field.value_from_object(row), connection) for field in fields]


def _filled(value: Any, ids: Sequence[int | None]) -> Any:
    """A value of a statement, or the id that it stands for: always the same type, one plan."""
    if not isinstance(value, int) or value < _FIRST_MARK:
        return value
    found = ids[value - _FIRST_MARK]
    # What no id can be, such as a long number in an address, is equal to nothing either.
    return None if found is None or found >= _FIRST_MARK else Int8(found)
