"""What the frame of every page counts: notices to acknowledge and reminders not seen yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import IntegerField, QuerySet, Value

from accounts.models import User
from accounts.permissions import Permission
from audit.prepared import Prepared
from reminders.due_for_me import unseen
from reminders.models import Notice

MOST_COUNTED = 100  # from here on the frame says `99+`
_NOTICE, _DUE = 0, 1


@dataclass(frozen=True)
class OpenCounts:
    """How much waits for one person, each up to MOST_COUNTED."""

    notices: int
    due: int


def open_counts(user: User) -> OpenCounts:
    """What waits for `user`, in one query.

    Every page asks; counting thousands would cost each of them more than the page itself.
    """
    if not user.may(Permission.READ_COURSES):
        return OpenCounts(notices=0, due=0)
    found = _marks_of(tuple(sorted(user.roles)))(user.pk, user.working_centre_id)
    marks = [mark for (mark,) in found]
    return OpenCounts(notices=marks.count(_NOTICE), due=marks.count(_DUE))


@cache
def _marks_of(roles: Sequence[str]) -> Prepared[tuple[int]]:
    """A mark for each thing that waits for whoever holds these roles: one statement for all.

    Putting it together takes several times as long as its rows.
    """

    def marks(user_id: int, centre_id: int) -> "QuerySet[Any, tuple[int]]":
        anybody = User(pk=user_id, working_centre_id=centre_id)
        vars(anybody)["roles"] = frozenset(roles)
        notices = Notice.objects.open_to(anybody).values_list(_marked(_NOTICE))[:MOST_COUNTED]
        due = unseen(anybody).order_by().values_list(_marked(_DUE))[:MOST_COUNTED]
        return notices.union(due, all=True)

    return Prepared(marks, planned=False)


def _marked(mark: int) -> Value:
    return Value(mark, output_field=IntegerField())
