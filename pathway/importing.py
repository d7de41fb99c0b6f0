"""A file of courses under way: every line tried, then all of them entered, or none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.models import Centre, User
from accounts.permissions import Permission
from audit.recording import record
from pathway.domain.transcription import ATTEMPTS
from pathway.referring import locked_centre
from pathway.rehearsing import rehearse
from pathway.transcribing import transcribe
from pathway.transcription_forms import TranscriptionForm
from patients.domain.numbers import HOSPITAL
from patients.models.people import Sex
from protocol.models import Protocol, Status
from terms.day_numbers import local_date
from terms.refusals import Refusal, Refused
from terms.sheets import Line, Sheet, read_sheet
from terms.words import N_

# Columns whose name in a file is not that of the field.
_OWN = {"protocol": "protocol_code", "coordinator": "coordinator_id",
        "haematologist": "haematologist_id"}  # fmt: skip
_OWN_PEOPLE = ("coordinator_id", "haematologist_id")
_COLUMN = {field: column for column, field in _OWN.items()}
NEEDED = ("family_name", "given_name", "birth_date", "identifier_value", "referred_on", "stage")


@dataclass(frozen=True)
class Outcome:
    """What became of one line: a course at a stage, or everything against it."""

    line: int
    name: str
    stage: str
    code: str  # the course's, once it is entered
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class Report:
    """What became of a file."""

    outcomes: tuple[Outcome, ...]
    sha256: str
    committed: bool

    @property
    def faults(self) -> int:
        """How many lines cannot be entered."""
        return sum(bool(outcome.refusals) for outcome in self.outcomes)


def columns() -> tuple[str, ...]:
    """The columns of a file, in the order of the template."""
    names = [*TranscriptionForm.declared_fields, *_attempts()]
    first = [*NEEDED, "sex", "identifier_system"]
    rest = [name for name in names if name not in first]
    return tuple(_COLUMN.get(name, name) for name in (*first, *rest))


def example() -> dict[str, str]:
    """One invented line for the template: somebody on day +40, under a protocol in force.

    A file that names none is asked for it where several are in force.
    """
    in_force = Protocol.objects.filter(status=Status.PUBLISHED).order_by("code")
    return {
        "protocol": in_force.values_list("code", flat=True).first() or "",
        "family_name": "Esempio", "given_name": "Anna", "birth_date": "14/03/1970",
        "identifier_value": "EXAMPLE-1", "referred_on": "12-Jan-2026", "stage": "follow_up",
        "sex": "female", "identifier_system": HOSPITAL, "enrolled_on": "19/01/2026",
        "apheresis_1_on": "2026-02-02", "apheresis_1_result": "adequate",
        "apheresis_1_cd3": "2,1", "lot": "LOT-1", "ld_from": "10/03/2026", "ld_to": "12/03/2026",
        "infused_on": "14/03/2026", "admitted_on": "09/03/2026", "discharged_on": "03/04/2026",
    }  # fmt: skip


def _attempts() -> list[str]:
    return [f"apheresis_{n}_{part}" for n in ATTEMPTS for part in ("on", "result", "din", "cd3")]


def try_courses(*, content: bytes, actor: User, now: datetime) -> Report:
    """What entering the file would do; nothing of it stays.

    Raises NotAllowed, or Refused when the file as a whole cannot be read.
    """
    require(actor, Permission.REFER)
    sheet = _sheet(content)
    outcomes = rehearse(lambda: _enter(sheet, actor, now))
    return Report(tuple(replace(o, code="") for o in outcomes), sheet.sha256, committed=False)


@transaction.atomic
def import_courses(*, content: bytes, actor: User, now: datetime) -> Report:
    """Enter every course of the file, or none.

    Raises NotAllowed, or Refused naming each fault with its line and column. The same file again
    is refused by the numbers of its patients.
    """
    require(actor, Permission.REFER)
    sheet = _sheet(content)
    outcomes = _enter(sheet, actor, now)
    refusals = [
        replace(refusal, field=f"{outcome.line}.{refusal.field}")
        for outcome in outcomes
        for refusal in outcome.refusals
    ]
    if refusals:
        raise Refused(refusals)
    record(
        actor=actor,
        now=now,
        action="courses.import",
        after={
            "sha256": sheet.sha256,
            "count": len(outcomes),
            "courses": [outcome.code for outcome in outcomes],
        },
    )
    return Report(outcomes, sheet.sha256, committed=True)


def _sheet(content: bytes) -> Sheet:
    return read_sheet(content, columns=columns(), needed=NEEDED)


def _enter(sheet: Sheet, actor: User, now: datetime) -> tuple[Outcome, ...]:
    """Enter what can be entered, each line by itself; one file at a time per centre."""
    centre = locked_centre(actor)
    people = _people(centre)
    outcomes: list[Outcome] = []
    made: dict[str, int] = {}  # course code → line, so that a twin is named by its line
    for line in sheet.lines:
        outcome = _enter_line(line, people, centre, actor, now)
        if outcome.code:
            made[outcome.code] = line.number
        outcomes.append(replace(outcome, refusals=_by_line(outcome.refusals, made)))
    return tuple(outcomes)


def _enter_line(
    line: Line, people: Mapping[str, int], centre: Centre, actor: User, now: datetime
) -> Outcome:
    form = TranscriptionForm(
        _data(line.cells, people), centre=centre, actor=actor, today=local_date(now, centre.zone)
    )
    _read_choices(form)
    name = f"{line.cells.get('family_name', '')}, {line.cells.get('given_name', '')}"
    code, refusals = "", _form_refusals(form)
    if not refusals:
        try:
            with transaction.atomic():
                code = transcribe(
                    patient=form.patient(),
                    transcript=form.transcript(),
                    distinct_reason=form.cleaned_data["distinct_reason"],
                    actor=actor,
                    now=now,
                ).code
        except Refused as refused:
            refusals = refused.refusals
    named = tuple(replace(r, field=_COLUMN.get(r.field, r.field)) for r in refusals)
    return Outcome(line.number, name, form.data["stage"], code, named)


def _data(cells: Mapping[str, str], people: Mapping[str, int]) -> dict[str, str]:
    """The cells by field, with what a file may leave out."""
    data = {_OWN.get(column, column): cell for column, cell in cells.items()}
    data["sex"] = data.get("sex") or Sex.UNKNOWN.value
    data["identifier_system"] = data.get("identifier_system") or HOSPITAL
    data["stage"] = data.get("stage", "")
    for field in _OWN_PEOPLE:
        name = data.get(field, "")
        data[field] = str(people.get(name, name))
    return data


def _read_choices(form: TranscriptionForm) -> None:
    """A cell may hold the code of a choice or its words, in small or capital letters."""
    data = dict(form.data)
    for name, field in form.fields.items():
        if not isinstance(field.widget, forms.Select):
            continue
        offered = [(str(code), str(label)) for code, label in field.widget.choices if code != ""]
        typed = str(data.get(name, "")).casefold()
        for code, label in offered:
            if typed and typed in (code.casefold(), label.casefold()):
                data[name] = code
        if name == "protocol_code" and not typed and len(offered) == 1:
            data[name] = offered[0][0]
    form.data = data


def _form_refusals(form: TranscriptionForm) -> tuple[Refusal, ...]:
    """What the form says of its fields, as refusals: text that is already in the language."""
    if form.is_valid():
        return ()
    return tuple(
        Refusal(
            code=error.code or "unreadable",
            message="%(text)s",
            params={"text": text + _offered(form, f, error.code)},
            field=f,
        )
        for f, errors in form.errors.as_data().items()
        for error in errors
        for text in ValidationError(error).messages
    )


def _offered(form: TranscriptionForm, name: str, code: str | None) -> str:
    """What a cell may hold: a file has no list to choose from. People are written by username."""
    field = form.fields[name]
    known = isinstance(field, forms.ChoiceField) and name not in _OWN_PEOPLE
    if code != "invalid_choice" or not known:
        return ""
    codes = [str(code) for code, _label in field.widget.choices if code != ""]
    return " " + _("A cell may hold: %(codes)s.") % {"codes": ", ".join(codes)}


def _by_line(refusals: tuple[Refusal, ...], made: Mapping[str, int]) -> tuple[Refusal, ...]:
    """A twin in the same file is named by its line: its course may never come to be."""
    found = []
    for refusal in refusals:
        params: dict[str, Any] = dict(refusal.params)
        if isinstance(params.get("courses"), str):
            params["courses"] = ", ".join(
                f"#{made[code]}" if code in made else code for code in params["courses"].split(", ")
            )
            if params["courses"] != refusal.params["courses"]:
                message = {
                    "identifier_taken": N_(
                        "Line %(courses)s of this file has the number %(number)s too."
                    ),
                    "look_alike": N_(
                        "Line %(courses)s of this file is very like this one: say in "
                        "distinct_reason how they differ if they are two people."
                    ),
                }.get(refusal.code, refusal.message)
                refusal = replace(refusal, message=message)
        found.append(replace(refusal, params=params))
    return tuple(found)


def _people(centre: Centre) -> dict[str, int]:
    members = centre.memberships.filter(ended_at=None, user__is_active=True)
    return dict(members.values_list("user__username", "user_id"))
