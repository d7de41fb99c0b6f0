"""Rows of the timeline about what follows: relapse, contact, shared care, death."""

from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Substr

from patients.models import Course
from patients.timeline_columns import Rows, day, row_of
from terms.words import N_

_SITES = {
    "marrow": N_("bone marrow"),
    "extramedullary": N_("extramedullary"),
    "cns": N_("central nervous system"),
}
_ANTIGENS = ("cd19", "cd22")


def followed_rows(courses: QuerySet[Course]) -> list[Rows]:
    """Attempts to reach the patient, care shared with another centre, and the death."""
    outcome = Case(
        When(contactattempts__reached=True, then=Value("reached")), default=Value("not_reached")
    )
    allergies = F("allergys__substance")
    return [
        row_of(courses, "allergys", on=F("allergys__on"), label=N_("Allergy"),
               code=Case(When(allergys__none_known=True, then=Value("ALLERGY_NONE")),
                         default=Value("ALLERGY")),
               value=allergies, identifying=True),
        row_of(courses, "allergys", on=day("allergys__refuted_on"), code="ALLERGY_REFUTED",
               label=N_("Allergy refuted"), value=allergies, identifying=True,
               where=Q(allergys__refuted_on__isnull=False)),
        row_of(courses, "contactattempts", on=F("contactattempts__on"), code="CONTACT_ATTEMPT",
               label=N_("Attempt to reach the patient"),
               value=Concat(F("contactattempts__means"), Value("; "), outcome,
                            output_field=TextField())),
        row_of(courses, "contactattempts", on=F("contactattempts__on"), code="NOTE",
               label=N_("Remark on an attempt to reach the patient"),
               value=F("contactattempts__remark"), identifying=True,
               where=Q(contactattempts__remark__gt="")),
        row_of(courses, "handovers", on=F("handovers__on"), code="HANDOVER",
               label=N_("Care shared with another centre"), value=F("handovers__shared")),
        row_of(courses, "handovers", on=F("handovers__on"), code="NOTE",
               label=N_("The other centre"), identifying=True,
               value=Concat(F("handovers__centre"), Value(" "), F("handovers__physician"),
                            Value(" "), F("handovers__remark"))),
        *_death_rows(courses),
    ]  # fmt: skip


def relapse_value() -> Combinable:
    """`extramedullary; CD19 negative; flow`: sites, antigens and method that somebody stated."""
    parts = [
        Case(When(**{f"relapses__{site}": True}, then=Value(f"; {word}")), default=Value(""))
        for site, word in _SITES.items()
    ]
    parts += [
        Case(
            When(**{f"relapses__{one}": ""}, then=Value("")),
            default=Concat(Value(f"; {one.upper()} "), F(f"relapses__{one}")),
        )
        for one in _ANTIGENS
    ]
    method = Case(
        When(relapses__method="", then=Value("")),
        default=Concat(Value("; by "), F("relapses__method")),
    )
    return Substr(Concat(*parts, method, output_field=TextField()), 3)


def _death_rows(courses: QuerySet[Course]) -> list[Rows]:
    deaths, standing = "patient__deaths", Q(patient__deaths__withdrawn_at__isnull=True)
    died_on = day(f"{deaths}__died_on")
    known = Concat(
        F(f"{deaths}__category"), Value("; at "), F(f"{deaths}__setting"), Value("; autopsy "),
        F(f"{deaths}__autopsy"), output_field=TextField(),
    )  # fmt: skip
    return [
        row_of(courses, deaths, on=died_on, code="DEATH", label=N_("Death"),
               value=F(f"{deaths}__cause"), identifying=True, source="", where=standing),
        row_of(courses, deaths, on=died_on, code="DEATH_CAUSE",
               label=N_("Category of the cause of death"), value=known, source="", where=standing),
    ]  # fmt: skip
