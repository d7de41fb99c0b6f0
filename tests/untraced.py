"""Coverage rests while Django is at work: where nothing of ours runs, tracing is slow and in vain.

What is ours and called from there is traced again: views, middlewares, filters, properties that a
template asks for, fields and widgets. A line of ours that only runs elsewhere inside would count
as not covered, never the other way round.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any
from unittest.mock import patch

import psycopg
from django.conf import settings
from django.core.handlers import base as handlers
from django.core.handlers import exception as handling
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.db.models.query import QuerySet
from django.db.models.sql.compiler import SQLCompiler, SQLInsertCompiler
from django.db.transaction import Atomic
from django.forms.boundfield import BoundField
from django.forms.utils import RenderableMixin
from django.template.base import Template, Variable
from django.template.library import SimpleNode
from django.test import Client

from audit import prepared
from config import context
from config.templatetags import percorso
from tests.resting import traced, untraced

# Building a statement, sending it and making objects of its rows; a page; what leads to a view.
# Not where an argument may be a generator of ours: Django runs it inside.
_UNTRACED: dict[Any, str] = {
    SQLCompiler: "execute_sql as_sql",
    SQLInsertCompiler: "execute_sql",
    QuerySet: "_fetch_all _filter_or_exclude _annotate _values _prepare_for_bulk_create "
    "_batched_insert get first exists count order_by select_related prefetch_related defer only "
    "create update delete aggregate union distinct update_or_create __getitem__",
    Model: "__init__ save delete refresh_from_db",
    Atomic: "__enter__ __exit__",
    psycopg.Connection: "wait",
    Template: "render",
    Client: "request",
}
_TRACED: dict[Any, str] = {
    prepared._Apart: "_get_prepared",
    BaseDatabaseWrapper: "run_and_clear_commit_hooks",
    SimpleNode: "render",
    Variable: "_resolve_lookup",
    BoundField: "as_widget value build_widget_attrs",
    RenderableMixin: "render",
    handlers.BaseHandler: "load_middleware process_exception_by_middleware",
    handling: "get_exception_response",
    context: "frame",
}


@contextmanager
def django_untraced() -> Iterator[None]:
    """Nothing but what is ours is traced inside."""
    import_module(settings.ROOT_URLCONF)  # with every view, before a request would, untraced
    answering, viewing = (
        handling.convert_exception_to_response,
        handlers.BaseHandler.make_view_atomic,
    )
    filters = percorso.register.filters
    with ExitStack() as held:
        for change, places in ((untraced, _UNTRACED), (traced, _TRACED)):
            for owner, names in places.items():
                for name in names.split():
                    held.enter_context(patch.object(owner, name, change(getattr(owner, name))))
        held.enter_context(patch.dict(filters, {name: traced(filters[name]) for name in filters}))
        # Each middleware asks the next one through this.
        held.enter_context(
            patch.object(
                handlers,
                "convert_exception_to_response",
                lambda ask: untraced(answering(ask if _is_djangos(ask) else traced(ask))),
            )
        )
        held.enter_context(
            patch.object(
                handlers.BaseHandler, "make_view_atomic", lambda *given: traced(viewing(*given))
            )
        )
        yield


def _is_djangos(middleware: Callable[..., Any]) -> bool:
    """Whether nothing of ours is in it: the packages' middlewares, and the way to the view."""
    return type(middleware).__module__.partition(".")[0] in {
        "django", "whitenoise", "csp", "allauth", "django_htmx", "builtins",
    }  # fmt: skip
