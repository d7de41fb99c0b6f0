"""The pages on which reminders are done, skipped, put off or opened again, and a course's own."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.wording import role_names
from patients.form_pages import FormPage, Moment, answer, posted, try_saving
from patients.forms import ReasonForm
from patients.identity import Named, identity_view
from patients.reading import note_chart_read
from patients.selectors import course_or_404, person_label
from reminders import closing
from reminders.awaiting import await_result
from reminders.closing_together import MOST_TOGETHER, mark_all_done
from reminders.doers import may_do, require_doing
from reminders.doing_forms import AwaitedForm, DoneForm, PutOffForm
from reminders.doing_links import Link, links_of
from reminders.following import repeating
from reminders.looking import cautions, look_at
from reminders.models import ANSWERED, WAITING, Reminder, ReminderQuerySet, Status
from reminders.selectors import reminders_of
from reminders.wording import due_text, item_text, standing_text

# What a course page of reminders shows unfolded.
AT_ONCE = timedelta(days=30)
COURSE = "course"  # said in the address by the page of a course, to come back to it


@dataclass(frozen=True)
class CourseGroup:
    """Reminders of a course that stand alike; the long ones are folded at first."""

    title: str
    folds: bool
    rows: list["CourseRow"]


@dataclass(frozen=True)
class CourseRow:
    """A reminder of a course in words, with what may be done with it."""

    item: str
    due: str
    role: str
    standing: str
    overdue: bool
    reason: str
    links: tuple[Link, ...]
    cautions: tuple[str, ...] = ()  # what speaks for waiting, of what is due now


@login_required
@require_http_methods(["GET", "POST"])
def reminder_done(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say on which day it was done."""
    reminder, moment = _found(request, pk)
    page = _page(
        request, reminder, _("Done: %(item)s") % {"item": item_text(reminder, request.user)}, moment
    )
    return answer(
        request,
        page,
        DoneForm(posted(request), today=moment.today, performed_on=reminder.performed_on),
        lambda values: closing.mark_done(
            reminder_id=pk, done_on=values["done_on"], actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@require_http_methods(["GET", "POST"])
def reminder_awaited(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say on which day a test was done whose result is awaited."""
    reminder, moment = _found(request, pk)
    title = _("Done, result awaited: %(item)s") % {"item": item_text(reminder, request.user)}
    return answer(
        request,
        _page(request, reminder, title, moment),
        AwaitedForm(posted(request), today=moment.today),
        lambda values: await_result(
            reminder_id=pk, performed_on=values["performed_on"], actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@require_http_methods(["GET", "POST"])
def reminder_skip(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say why it will not be done."""
    reminder, moment = _found(request, pk)
    page = _page(
        request, reminder, _("Skip: %(item)s") % {"item": item_text(reminder, request.user)}, moment
    )
    return answer(
        request,
        replace(page, cautions=(*page.cautions, *_not_made_up_for(reminder))),
        ReasonForm(posted(request)),
        lambda values: closing.skip(
            reminder_id=pk, reason=values["reason"], actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@require_http_methods(["GET", "POST"])
def reminder_snooze(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put it off until a day, and say why."""
    reminder, moment = _found(request, pk)
    page = _page(
        request,
        reminder,
        _("Put off: %(item)s") % {"item": item_text(reminder, request.user)},
        moment,
    )
    return answer(
        request,
        page,
        PutOffForm(posted(request)),
        lambda values: closing.snooze(
            reminder_id=pk,
            until=values["until"],
            reason=values["reason"],
            actor=request.user,
            now=moment.now,
        ),
        moment,
    )


@login_required
@require_http_methods(["GET", "POST"])
def reminder_reopen(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say why what was done, skipped or put off is open again."""
    reminder, moment = _found(request, pk)
    page = _page(
        request,
        reminder,
        _("Open again: %(item)s") % {"item": item_text(reminder, request.user)},
        moment,
    )
    return answer(
        request,
        page,
        ReasonForm(posted(request)),
        lambda values: closing.reopen(
            reminder_id=pk, reason=values["reason"], actor=request.user, now=moment.now
        ),
        moment,
    )


@login_required
@require_http_methods(["GET", "POST"])
def reminders_done(request: SignedInRequest) -> HttpResponse:
    """Say of several reminders of one kind, named one by one, that all were done on a day."""
    user = request.user
    require(user, Permission.READ_COURSES)
    given = request.POST if request.method == "POST" else request.GET
    ids = _ids(given.getlist("reminder"))
    rows = _rows(user).filter(pk__in=ids).order_by("course__code", "pk")
    chosen = list(rows)
    if len(chosen) != len(ids):
        raise Http404
    if not chosen:
        messages.error(request, _("Choose at least one."))
        return redirect("today")
    require_doing(user, [row.role for row in chosen])
    moment = Moment.at(chosen[0].course)
    form, status = DoneForm(posted(request), today=moment.today), 200
    if form.is_bound:
        status = try_saving(
            request,
            form,
            lambda values: mark_all_done(
                reminder_ids=ids, done_on=values["done_on"], actor=user, now=moment.now
            ),
            moment.now,
        )
        if status == 302:
            messages.success(request, _("Recorded as done: %(number)s.") % {"number": len(ids)})
            return redirect("today")
    context = {
        "form": form,
        "rows": [
            (
                row.pk,
                person_label(user, row.course.patient, row.course),
                row.course.code,
                item_text(row, user),
                due_text(row),
            )
            for row in chosen
        ],
        "mixed": len({(row.item, row.label) for row in chosen}) > 1,
    }
    return render(request, "reminders/done_together.html", context, status=status)


@login_required
@require_GET
def course_due(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every reminder of a course: what waits, what was done, skipped, put off or cancelled."""
    course, now = course_or_404(request.user, pk), timezone.now()
    moment = Moment.at(course)
    note_chart_read(course, actor=request.user, now=now)
    listed = list(reminders_of(request.user, pk))
    parts, held = _parted(listed, moment.today), cautions(listed, moment.today)
    context = {
        "identity": identity_view(request.user, course, moment.today),
        "groups": [
            CourseGroup(
                title,
                folds,
                [_course_row(request, row, moment.today, held.get(row.pk, ())) for row in rows],
            )
            for title, folds, rows in parts
        ],
        "course": course,
        "may_add": request.user.may(Permission.DO_REMINDERS),
        "now": now,
    }
    return render(request, "reminders/course_due.html", context)


def _parted(rows: list[Reminder], today: date) -> tuple[tuple[str, bool, list[Reminder]], ...]:
    """The rows under their headings, and which headings are folded at first."""
    waiting = [row for row in rows if row.status in WAITING]
    soon = [row for row in waiting if row.asks_on <= today + AT_ONCE]
    return (
        (_("Now and in the next 30 days"), False, soon),
        (_("Later"), True, [row for row in waiting if row not in soon]),
        (_("Done or skipped"), True, [row for row in rows if row.status in ANSWERED]),
        (_("Cancelled"), True, [row for row in rows if row.status == Status.CANCELLED]),
    )


def _rows(user: User) -> ReminderQuerySet:
    rows = Reminder.objects.visible_to(user)
    rows = rows.select_related("course__protocol", "course__centre", "course__patient")
    return rows.defer("course__protocol__data")


def _found(request: SignedInRequest, pk: int) -> tuple[Reminder, Moment]:
    reminder = get_object_or_404(_rows(request.user), pk=pk)
    require_doing(request.user, [reminder.role])
    return reminder, Moment.at(reminder.course)


def _page(request: SignedInRequest, reminder: Reminder, title: str, moment: Moment) -> FormPage:
    coming_from_course = request.GET.get("from") == COURSE
    look = look_at(reminder, moment.today)
    return FormPage(
        reminder.course,
        title,
        Permission.READ_COURSES,  # what it takes beside stands in `_found`
        facts=(
            Named(_("What"), item_text(reminder, request.user)),
            Named(_("Due"), due_text(reminder)),
            Named(_("Stands"), standing_text(reminder, moment.today)),
            Named(_("Who"), role_names([reminder.role])[0]),
            *look.facts,
            *((Named(_("Note"), look.note),) if look.note else ()),
            *_what_follows(reminder),
        ),
        cautions=tuple(one.text for one in look.doubts),
        after=reverse("course_due", args=[reminder.course_id])
        if coming_from_course
        else reverse("today"),
    )


def _what_follows(reminder: Reminder) -> tuple[Named, ...]:
    """Said where being done on another day moves others."""
    if repeating(reminder.course, reminder) is None:
        return ()
    return (Named(_("Those after it"), _("Counted from the day on which this one is done.")),)


def _not_made_up_for(reminder: Reminder) -> tuple[str, ...]:
    """Said where skipping leaves one fewer of a series, such as one of three doses of a vaccine."""
    item = repeating(reminder.course, reminder)
    if item is None or item.phases:
        return ()
    said = _("One of a series of %(count)s: skipped, none takes its place. Put it off to do later.")
    return (said % {"count": len(item.offsets)},)


def _course_row(
    request: SignedInRequest, reminder: Reminder, today: date, held: tuple[str, ...]
) -> CourseRow:
    user = request.user
    links = links_of(reminder, today, source=COURSE) if may_do(user, reminder.role) else ()
    if reminder.made_by and reminder.status in WAITING and user.may(Permission.DO_REMINDERS):
        links += (Link(_("Correct"), reverse("task_correct", args=[reminder.pk])),)
    return CourseRow(
        item=item_text(reminder, user),
        due=due_text(reminder),
        role=role_names([reminder.role])[0],
        standing=standing_text(reminder, today),
        overdue=reminder.is_overdue(today),
        reason=reminder.reason if user.may(Permission.SEE_IDENTITY) else "",
        links=links,
        cautions=held,
    )


def _ids(given: list[str]) -> list[int]:
    """The ids that were ticked. Raises Http404 for what is none, or more than go on a page."""
    if len(given) > MOST_TOGETHER or not all(one.isdecimal() and len(one) < 19 for one in given):
        raise Http404
    return sorted({int(one) for one in given})
