"""The multidisciplinary meeting: recording its minutes and vote, and signing them."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from audit.recording import record
from pathway.assessing import refuse_all, role_refusal
from pathway.domain.assessments import MeetingEntry, Vote
from pathway.domain.companions import Review
from pathway.domain.facts import CourseFacts
from pathway.domain.guards import patient_alive
from pathway.loading import load_state
from pathway.models import Meeting
from patients.courses import lock_course, raise_version
from patients.domain.dating import refuse_before, refuse_future
from patients.models import Course
from terms.day_numbers import local_date
from terms.refusals import Refusal
from terms.roles import Role
from terms.words import N_

WRITERS = (Role.COORDINATOR.value, Role.HAEMATOLOGIST.value)
SIGNERS = (Role.HAEMATOLOGIST.value,)
LONGEST = 10_000


@dataclass(frozen=True)
class Minutes:
    """What a meeting decided and who was there."""

    held_on: date
    participants: str
    minutes: str
    vote: str
    in_favour: int
    against: int = 0
    abstained: int = 0
    reason: str = ""
    review_on: date | None = None


@transaction.atomic
def record_meeting(
    *,
    course_id: int,
    minutes: Minutes,
    actor: User,
    now: datetime,
    sign: bool = False,
    source: str = "",
) -> Meeting:
    """Record a meeting about the latest review; with `sign` its signer is the actor.

    A later one takes the place of an earlier one, signed or not, which stays in the table. Raises
    Course.DoesNotExist, NotAllowed, or Refused with every reason at once.
    """
    course = lock_course(course_id, actor=actor)
    state, today = load_state(course), local_date(now, course.centre.zone)
    facts = state.facts(on=today, at=now)
    refusals = [*refuse_meeting(facts), *_about_minutes(minutes, facts)]
    for asked, roles in ((True, WRITERS), (sign, SIGNERS)):
        if asked and actor.roles.isdisjoint(roles):
            refusals.append(role_refusal(roles))
    refuse_all(refusals)
    review = facts.reviews[-1]
    earlier = state.assessments.meeting_of(review.pk)
    signature = {"signed_by": actor, "signed_at": now} if sign else {}
    meeting = Meeting.objects.create(
        course=course,
        review_id=review.pk,
        recorded_at=now,
        recorded_by=actor,
        source=source,
        replaces_id=earlier.pk if earlier else None,
        **asdict(minutes),
        **signature,
    )
    _note(course, meeting, "meeting.record", actor, now)
    return meeting


@transaction.atomic
def sign_meeting(*, course_id: int, meeting_id: int, actor: User, now: datetime) -> Meeting:
    """Sign the minutes as they stand: a row of its own beside the one that was recorded.

    Raises Meeting.DoesNotExist for one of another course or centre, NotAllowed, or Refused.
    """
    course = lock_course(course_id, actor=actor)
    drafted = Meeting.objects.get(pk=meeting_id, course=course)
    state = load_state(course)
    facts = state.facts(on=local_date(now, course.centre.zone), at=now)
    refusals = [*refuse_meeting(facts), *_about_signature(drafted, facts)]
    if actor.roles.isdisjoint(SIGNERS):
        refusals.append(role_refusal(SIGNERS))
    refuse_all(refusals)
    drafted.pk, drafted.replaces_id = None, meeting_id
    drafted.signed_by, drafted.signed_at = actor, now
    drafted.recorded_by, drafted.recorded_at = actor, now
    drafted.save(force_insert=True)
    _note(course, drafted, "meeting.sign", actor, now)
    return drafted


def _note(course: Course, meeting: Meeting, action: str, actor: User, now: datetime) -> None:
    if meeting.replaces_id is not None:
        raise_version(course)
    record(
        actor=actor,
        now=now,
        action=action,
        obj=meeting,
        course_id=course.pk,
        patient_id=course.patient_id,
        reason=meeting.reason,
        after={
            "held_on": meeting.held_on,
            "vote": meeting.vote,
            "counts": [meeting.in_favour, meeting.against, meeting.abstained],
            "participants": meeting.participants,
            "minutes": meeting.minutes,
            "review_on": meeting.review_on,
            "signed": meeting.signed_by_id is not None,
            "replaces": meeting.replaces_id,
        },
    )


def refuse_meeting(facts: CourseFacts) -> list[Refusal]:
    """What stands in the way of any meeting about the course, whatever its minutes say."""
    refusals = [refusal for refusal in (patient_alive(facts),) if refusal is not None]
    if facts.review is None or facts.review.state != Review.MDT_REVIEW:
        message = N_("The review is not on the meeting's list.")
        refusals.append(Refusal(code="not_on_the_list", message=message))
    return refusals


def _about_minutes(minutes: Minutes, facts: CourseFacts) -> list[Refusal]:
    listed = facts.review.reached.get("mdt_review") if facts.review else None
    refusals = [
        *refuse_future(minutes.held_on, facts.on, "held_on"),
        *refuse_before(
            minutes.held_on,
            listed,
            code="before_the_list",
            message=N_("This is before the review came onto the meeting's list, on %(limit)s."),
            field="held_on",
        ),
        *_about_vote(minutes),
    ]
    for name in ("participants", "minutes"):
        text = getattr(minutes, name)
        if not text.strip():
            refusals.append(
                Refusal(code="value_missing", message=N_("This is needed."), field=name)
            )
        elif len(text) > LONGEST:
            refusals.append(Refusal(code="too_long", message=N_("This is too long."), field=name))
    return refusals


def _about_vote(minutes: Minutes) -> list[Refusal]:
    """A decision has a majority; a deferral says why and until when, a refusal says why."""
    if minutes.vote not in tuple(Vote):
        return [
            Refusal(code="unknown_vote", message=N_("Choose one of the answers."), field="vote")
        ]
    refusals = []
    if min(minutes.in_favour, minutes.against, minutes.abstained) < 0 or not (
        minutes.in_favour > minutes.against
    ):
        message = N_("More votes must be in favour of the decision than against it.")
        refusals.append(Refusal(code="no_majority", message=message, field="in_favour"))
    if minutes.vote != Vote.ACCEPTED and not minutes.reason.strip():
        message = N_("This decision needs a reason.")
        refusals.append(Refusal(code="reason_missing", message=message, field="reason"))
    if minutes.vote == Vote.DEFERRED and minutes.review_on is None:
        message = N_("A deferral needs the date of the review.")
        refusals.append(Refusal(code="review_missing", message=message, field="review_on"))
    if minutes.review_on is not None and minutes.review_on < minutes.held_on:
        message = N_("The review must not lie before the meeting.")
        refusals.append(Refusal(code="review_too_early", message=message, field="review_on"))
    return refusals


def _about_signature(drafted: Meeting, facts: CourseFacts) -> list[Refusal]:
    review = facts.review
    standing: MeetingEntry | None = facts.assessments.meeting_of(review.pk) if review else None
    if standing is None or standing.pk != drafted.pk:
        message = N_("These minutes do not stand any more.")
        return [Refusal(code="no_such_row", message=message)]
    if standing.signed_by:
        return [Refusal(code="already_signed", message=N_("These minutes are signed."))]
    return []
