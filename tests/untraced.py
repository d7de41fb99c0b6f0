"""Coverage rests while Django's ORM is at work: nothing of ours runs there, and tracing is slow."""

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from django.db.models.query import QuerySet
from django.db.models.sql.compiler import SQLCompiler, SQLInsertCompiler

# Writing a statement, sending it and making objects of its rows. What builds the query before
# that, and what our own code does with the objects after it, is traced.
_INSIDE = (
    (SQLCompiler, "execute_sql"),
    (SQLInsertCompiler, "execute_sql"),
    (QuerySet, "_fetch_all"),
)


@contextmanager
def orm_untraced() -> Iterator[None]:
    """No line of the ORM is traced inside."""
    with ExitStack() as held:
        for owner, name in _INSIDE:
            held.enter_context(patch.object(owner, name, _untraced(getattr(owner, name))))
        yield


def _untraced(work: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(work)
    def untraced(*args: Any, **kwargs: Any) -> Any:
        tracer = sys.gettrace()
        if not type(tracer).__module__.startswith("coverage."):  # a debugger goes on
            return work(*args, **kwargs)
        sys.settrace(None)
        try:
            return work(*args, **kwargs)
        finally:
            sys.settrace(tracer)

    return untraced
