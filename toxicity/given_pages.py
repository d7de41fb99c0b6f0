"""What the list of treatments and infections shows: each record, what stood before, its links."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import day_text
from patients.models import Course
from terms.day_numbers import local_date
from toxicity.given_records import History, Row, infections_of, treatments_of
from toxicity.models import Infection, Treatment
from toxicity.wording.given_words import (
    dose_text,
    doubt_text,
    drug_text,
    infection_text,
    span_text,
    treatment_parts,
    treatment_text,
)

Link = tuple[str, str]


@dataclass(frozen=True)
class Struck:
    """What a record said, until when it stood, by whom and why it stands no more."""

    text: str
    until: datetime
    by: str
    why: str
    url: str = ""  # where it is brought back, for who may


@dataclass(frozen=True)
class Line:
    """One record. Free text and people stay empty for who may not see identities."""

    when: str
    what: str
    amount: str
    more: str
    at: datetime
    by: str
    doubts: tuple[str, ...]
    struck: tuple[Struck, ...]
    links: tuple[Link, ...]
    place: str = ""  # to where the flowsheet leads: the first line of a day, an infection

    @property
    def moment(self) -> tuple[str, ...]:
        """When, word by word: no line ends within a date."""
        return tuple(self.when.split())


@dataclass(frozen=True)
class GivenTable:
    """Everything on the page."""

    treatments: tuple[Line, ...]
    infections: tuple[Line, ...]
    taken_back: tuple[Struck, ...]

    @property
    def doses_struck(self) -> bool:
        """Whether anything stood before among the treatments."""
        return any(line.struck for line in self.treatments)

    @property
    def germs_struck(self) -> bool:
        """Whether anything stood before among the infections."""
        return any(line.struck for line in self.infections)


def given_table(user: User, course: Course) -> GivenTable:
    """Treatments and infections of a course as `user` may see them, in two queries."""
    treatments, infections = treatments_of(course), infections_of(course)
    shown = _Shown(course, user.may(Permission.SEE_IDENTITY), user.may(Permission.LOG_TOXICITY))
    return GivenTable(
        _placed(tuple(shown.treatment(one) for one in treatments if not one.row.withdrawn)),
        tuple(shown.infection(one) for one in infections if not one.row.withdrawn),
        (
            *(
                shown.gone(one, shown.dose, "treatment_bring_back")
                for one in treatments
                if one.row.withdrawn
            ),
            *(
                shown.gone(one, shown.germ, "infection_bring_back")
                for one in infections
                if one.row.withdrawn
            ),
        ),
    )


def _placed(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Only the first line of each day keeps its place: the page has each of them once."""
    first = {line.place: number for number, line in reversed([*enumerate(lines)])}
    return tuple(
        line if first[line.place] == number else replace(line, place="")
        for number, line in enumerate(lines)
    )


@dataclass(frozen=True)
class _Shown:
    course: Course
    named: bool
    may_log: bool

    def treatment(self, one: History[Treatment]) -> Line:
        row = one.row
        links = [(_("Correct"), "treatment_correct"), (_("Never given"), "treatment_withdraw")]
        return Line(
            when=self._moment(row.given_at),
            what=drug_text(row, named=self.named),
            amount=dose_text(row),
            more=" · ".join([*treatment_parts(row), *self._free(row.remark)]),
            at=row.received_at,
            by=row.recorded_by if self.named else "",
            doubts=tuple(doubt_text(doubt) for doubt in row.doubts),
            struck=self.struck(one, self.dose),
            links=self._links(links, row.pk),
            place=f"given-{local_date(row.given_at, self.course.centre.zone).isoformat()}",
        )

    def infection(self, one: History[Infection]) -> Line:
        row = one.row
        over = [(_("Over"), "infection_end")] if row.ended_on is None else []
        links = [
            *over, (_("Correct"), "infection_correct"), (_("Never was"), "infection_withdraw"),
        ]  # fmt: skip
        return Line(
            when=span_text(row),
            what=infection_text(row, named=self.named),
            amount="",
            more="",
            at=row.received_at,
            by=row.recorded_by if self.named else "",
            doubts=(),
            struck=self.struck(one, self.germ),
            links=self._links(links, row.pk),
            place=f"infection-{row.pk}",
        )

    def dose(self, row: Treatment) -> str:
        return f"{self._moment(row.given_at)} {treatment_text(row, named=self.named)}"

    def germ(self, row: Infection) -> str:
        return f"{span_text(row)} {infection_text(row, named=self.named)}"

    def gone(self, one: History[Row], text: Callable[[Row], str], name: str) -> Struck:
        """What was taken back, and where it is brought back."""
        links = self._links([("", name)], one.row.pk)
        return replace(self.struck(one, text)[0], url=links[0][1] if links else "")

    def struck(self, one: History[Row], text: Callable[[Row], str]) -> tuple[Struck, ...]:
        """What stood before, the latest first, each with what came instead."""
        later: Sequence[Row] = (one.row, *one.before)
        return tuple(
            Struck(
                text(row),
                by.received_at,
                by.recorded_by if self.named else "",
                _(by.reason) if self.named else "",
            )
            for row, by in zip(one.before, later, strict=False)
        )

    def _moment(self, at: datetime) -> str:
        local = at.astimezone(self.course.centre.zone)
        return f"{day_text(local.date())} {local:%H:%M}"

    def _free(self, text: str) -> list[str]:
        return [text] if self.named and text else []

    def _links(self, links: Sequence[Link], record: int) -> tuple[Link, ...]:
        if not self.may_log:
            return ()
        return tuple((label, reverse(name, args=[self.course.pk, record])) for label, name in links)
