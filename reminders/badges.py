"""What the frame of every page counts: notices to acknowledge and reminders not seen yet."""

from dataclasses import dataclass

from django.db.models import IntegerField, Value

from accounts.models import User
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
    notices = Notice.objects.open_to(user).values_list(_marked(_NOTICE))[:MOST_COUNTED]
    due = unseen(user).order_by().values_list(_marked(_DUE))[:MOST_COUNTED]
    marks = [mark for (mark,) in notices.union(due, all=True)]
    return OpenCounts(notices=marks.count(_NOTICE), due=marks.count(_DUE))


def _marked(mark: int) -> Value:
    return Value(mark, output_field=IntegerField())
