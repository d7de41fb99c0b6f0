"""Doing something for certain and then not: what a write would answer, with nothing kept."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

T = TypeVar("T")


class _Undo(Exception):
    """Ends a rehearsal."""


def rehearse(deed: Callable[[], T]) -> T:
    """What `deed` answers; whatever it wrote is undone. Raises what it raises."""
    answer: list[T] = []
    try:
        with transaction.atomic():
            answer.append(deed())
            raise _Undo
    except _Undo:
        return answer[0]
