"""The meetings of a review in words, earlier records beside the one that counts."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import day_text, param_in_words
from pathway.loading import CourseState
from pathway.models import Meeting
from patients.identity import Named


@dataclass(frozen=True)
class MeetingView:
    """One record of a meeting. Participants and minutes are for who may read names."""

    pk: int
    held_on: date
    vote: str
    vote_label: str
    counts: tuple[int, int, int]
    participants: str
    minutes: str
    reason: str
    review_on: date | None
    signed: bool
    signed_by: str
    signed_at: datetime | None
    by: str
    recorded_at: datetime
    counts_now: bool

    @property
    def pairs(self) -> tuple[Named, ...]:
        """What the record says, with its labels."""
        votes = _("%(favour)s in favour, %(against)s against, %(abstained)s abstained") % {
            "favour": self.counts[0], "against": self.counts[1], "abstained": self.counts[2],
        }  # fmt: skip
        rows = (
            Named(_("Date of the meeting"), day_text(self.held_on)),
            Named(_("Decision"), self.vote_label),
            Named(_("Votes"), votes),
            Named(_("Participants"), self.participants),
            Named(_("Minutes"), self.minutes),
            Named(_("Reason"), self.reason),
            Named(_("Review on"), day_text(self.review_on) if self.review_on else ""),
            Named(_("Signed by"), self._signature()),
        )
        return tuple(row for row in rows if row.value)

    def _signature(self) -> str:
        if not self.signed:
            return _("not signed yet")
        name = self.signed_by or _("a haematologist")
        return f"{name} · {param_in_words(self.signed_at)}"


def meeting_views(user: User, state: CourseState, review: int) -> tuple[MeetingView, ...]:
    """Every record of a meeting about a review of the course, the latest first."""
    found = Meeting.objects.filter(course=state.course, review_id=review)
    rows = found.select_related("signed_by", "recorded_by").order_by("-pk")
    named = user.may(Permission.SEE_IDENTITY)
    latest = state.assessments.meeting_of(review)
    return tuple(
        _view(row, named=named, counts=latest.pk == row.pk if latest else False) for row in rows
    )


def _view(row: Meeting, *, named: bool, counts: bool) -> MeetingView:
    signer = row.signed_by
    return MeetingView(
        pk=row.pk,
        held_on=row.held_on,
        vote=row.vote,
        vote_label=str(row.get_vote_display()),
        counts=(row.in_favour, row.against, row.abstained),
        participants=row.participants if named else "",
        minutes=row.minutes if named else "",
        reason=row.reason if named else "",
        review_on=row.review_on,
        signed=signer is not None,
        signed_by=signer.get_full_name() if signer is not None and named else "",
        signed_at=row.signed_at,
        by=row.recorded_by.get_full_name() if named else "",
        recorded_at=row.recorded_at,
        counts_now=counts,
    )
