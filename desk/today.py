"""The worklist of a day in words: sections of patients with what is due of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.permissions import ROLE_CHOICES, Permission
from accounts.wording import day_text, role_names
from desk.ward import needing_a_check
from desk.worklist import (
    ALL,
    MINE,
    Narrowing,
    Part,
    Section,
    answered_lately,
    burdens,
    next_after,
    parts,
    results_awaited,
)
from patients.selectors import person_label
from reminders.doers import may_do
from reminders.doing_links import Link, links_of
from reminders.looking import cautions
from reminders.models import Reminder
from reminders.wording import due_text, item_text, standing_text
from terms.day_numbers import day_number

# What speaks for waiting, by reminder.
Held = Mapping[int, tuple[str, ...]]
_TITLES: dict[Section, Promise] = {
    Section.OVERDUE: gettext_lazy("Overdue"),
    Section.NOW: gettext_lazy("Due now"),
    Section.SOON: gettext_lazy("Next 7 days"),
}


@dataclass(frozen=True)
class TodayRow:
    """One thing to do, or one that was done."""

    pk: int
    item: str
    due: str
    role: str
    standing: str
    reason: str
    done: Link | None
    more: tuple[Link, ...]
    cautions: tuple[str, ...] = ()  # what speaks for waiting


@dataclass(frozen=True)
class TodayGroup:
    """One patient with what falls due in the same week."""

    name: str
    code: str
    url: str
    day: int | None
    toxicity: bool
    rows: tuple[TodayRow, ...]
    folded: tuple[TodayRow, ...] = ()  # the small ones beside what matters more


@dataclass(frozen=True)
class TodaySection:
    """One section with its patients."""

    code: str
    title: Promise
    count: int
    rest: int
    groups: tuple[TodayGroup, ...]


@dataclass(frozen=True)
class Today:
    """The whole page."""

    sections: tuple[TodaySection, ...]
    quiet: str  # said when nothing is overdue or due
    checks: int  # in-patients who need a bedside check
    elsewhere: int  # overdue or due for roles or coordinators that are not shown
    lately: tuple[tuple[TodayGroup, str], ...]  # each with who did it
    roles: tuple[tuple[str, str], ...]
    coordinators: tuple[tuple[str, str], ...]

    @property
    def anything(self) -> bool:
        """Whether there is anything that the reader may tick."""
        groups = [group for section in self.sections for group in section.groups]
        return any(row.done for group in groups for row in (*group.rows, *group.folded))


def today_page(user: User, narrowing: Narrowing, today: date, now: datetime) -> Today:
    """Gather the page for `user`; `today` is a local date of the centre."""
    found, loads = parts(user, narrowing, today), burdens(user, today)
    held = cautions([row for part in found.values() for row in part.reminders], today)
    shown = found[Section.OVERDUE].count + found[Section.NOW].count
    elsewhere = sum(load.count for load in loads) - shown
    return Today(
        sections=tuple(_section(user, one, found[one], today, held) for one in Section),
        quiet="" if shown else _quiet(user, narrowing, found[Section.SOON], today, elsewhere),
        checks=needing_a_check(user, now),
        elsewhere=elsewhere,
        lately=tuple(
            (_group(user, [row], today, {}), row.closed_by)
            for row in answered_lately(user, narrowing, today, now)
        ),
        roles=(
            (MINE, _("My roles")),
            (ALL, _("All roles")),
            *((role, str(label)) for role, label in ROLE_CHOICES),
        ),
        coordinators=(
            ("", _("All")),
            *(
                (str(load.coordinator), f"{load.name} ({load.count})")
                for load in loads
                if load.coordinator is not None
            ),
        ),
    )


def _section(user: User, section: Section, part: Part, today: date, held: Held) -> TodaySection:
    return TodaySection(
        section.value,
        _TITLES[section],
        part.count,
        part.rest,
        tuple(_group(user, rows, today, held) for rows in _by_patient(part.reminders)),
    )


def _by_patient(reminders: Iterable[Reminder]) -> list[list[Reminder]]:
    """What falls due for one patient in one week stands together, where the first of it stands."""
    groups: dict[tuple[int, int, int], list[Reminder]] = {}
    for one in reminders:
        week = one.due_on.isocalendar()
        groups.setdefault((one.course_id, week.year, week.week), []).append(one)
    return list(groups.values())


def _group(user: User, rows: list[Reminder], today: date, held: Held) -> TodayGroup:
    course, (shown, folded) = rows[0].course, _weighed(rows)
    infused_on: date | None = rows[0].infused_on  # type: ignore[attr-defined] # annotated
    return TodayGroup(
        name=person_label(user, course.patient, course),
        code=course.code,
        url=reverse("course", args=[course.pk]),
        day=None if infused_on is None else day_number(today, infused_on),
        toxicity=getattr(rows[0], "at_risk", False),
        rows=tuple(_row(user, row, today, held) for row in shown),
        folded=tuple(_row(user, row, today, held) for row in folded),
    )


def _weighed(rows: list[Reminder]) -> tuple[list[Reminder], list[Reminder]]:
    """What stands open, and the small ones folded below it; one of them alone stands open."""
    small = [row for row in rows if row.minor]
    great = [row for row in rows if not row.minor] or [small.pop(0)]
    return (great, small) if len(small) > 1 else (rows, [])


def _row(user: User, reminder: Reminder, today: date, held: Held) -> TodayRow:
    links = links_of(reminder, today) if may_do(user, reminder.role) else ()
    return TodayRow(
        pk=reminder.pk,
        item=item_text(reminder, user),
        due=due_text(reminder),
        role=role_names([reminder.role])[0],
        standing=standing_text(reminder, today),
        reason=reminder.reason if user.may(Permission.SEE_IDENTITY) else "",
        done=links[0] if links else None,
        more=links[1:],
        cautions=held.get(reminder.pk, ()),
    )


def _quiet(user: User, narrowing: Narrowing, soon: Part, today: date, elsewhere: int) -> str:
    """`Nothing is due. Next: ...`, or that nothing is foreseen at all.

    Where others have something due, it says so of the choice alone.
    """
    if elsewhere:
        return _("Nothing of what you chose to see is due.")
    # By risk and weight, not by day: the next one may be among those that are not shown.
    following = (
        min(soon.reminders, key=lambda one: (one.asks_on, one.pk))
        if soon.count and not soon.rest
        else next_after(user, narrowing, today)
    )
    if following is None:
        return _("Nothing is due, and nothing is foreseen.")
    said = _("Nothing is due. Next: %(item)s of %(name)s on %(on)s.") % {
        "item": item_text(following, user),
        "name": person_label(user, following.course.patient, following.course),
        "on": day_text(following.asks_on),
    }
    awaited = results_awaited(user, narrowing, today)
    if not awaited:
        return said
    more = ngettext(
        "The result of %(number)s test that was done is awaited.",
        "The results of %(number)s tests that were done are awaited.",
        awaited,
    )
    return f"{said} {more % {'number': awaited}}"
