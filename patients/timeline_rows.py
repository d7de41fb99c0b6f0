"""The chart as uniform rows for the timeline: querysets of the same columns, for one UNION."""

from django.db.models import (
    Case,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat

from patients.models import Anchor, Course, Stay
from patients.models.courses import AnchorKind, StayUnit
from patients.timeline_columns import Rows, choice, day, number, row_of, trim
from patients.timeline_corrected import corrected_row, number_row
from patients.timeline_followed import followed_rows, relapse_value
from terms.words import N_

_ANCHOR_CODES = {
    AnchorKind.ENROLMENT: ("ENROL", N_("Enrolment")),
    AnchorKind.APHERESIS: ("APHERESIS", N_("Leukapheresis")),
    AnchorKind.LYMPHODEPLETION: ("LD", N_("Lymphodepletion start")),
    AnchorKind.INFUSION: ("INFUSION", N_("Infusion (day 0)")),
    AnchorKind.DISCHARGE: ("DISCHARGE", N_("Discharge")),
}
_RELAPSE_CODES = {
    "molecular": ("RELAPSE_MOL", N_("Molecular relapse")),
    "haematological": ("RELAPSE_HAEM", N_("Haematological relapse")),
    "mrd": ("MRD_POS", N_("Measurable residual disease")),
    "refractory": ("REFRACTORY", N_("Refractory disease")),
    "isolated": ("RELAPSE_EXTRAMEDULLARY", N_("Relapse outside the marrow only")),
}
_IMAGING = {
    "pet_ct": ("PET", N_("PET-CT")),
    "ct": ("CT", N_("CT")),
    "mri": ("MRI", N_("Magnetic resonance")),
    "echo": ("ECHO", N_("Echocardiogram")),
    "chest_film": ("CHEST_FILM", N_("Chest film")),
}
_TRANSPLANT_CODES = {
    "allo": ("ALLO", N_("Allogeneic transplant")),
    "dli": ("DLI", N_("Donor lymphocytes")),
}


def rows(courses: QuerySet[Course]) -> list[Rows]:
    """Everything the chart knows of `courses`, to be joined by `.union(all=True)`.

    `event_date` is ISO text as far as the date is known, empty when it is not; `sort_date` its
    first possible day. Labels and fixed values are English msgids. The value of an `identifying`
    row is free text about a person and never leaves in a coded export; a label does, so it holds
    none (see accounts/permissions.py). A relapse anchor gives no row: its relapse does.
    """
    return [
        *_anchor_rows(courses),
        *_stay_rows(courses),
        *_hold_rows(courses),
        *_history_rows(courses),
        *_result_rows(courses),
        *_consent_rows(courses),
        *_remark_rows(courses),
        *followed_rows(courses),
        corrected_row(courses),
        number_row(courses),
    ]


def _anchor_rows(courses: QuerySet[Course]) -> list[Rows]:
    known = Q(anchors__kind__in=_ANCHOR_CODES)
    codes = {kind.value: code for kind, (code, _) in _ANCHOR_CODES.items()}
    labels = choice("anchors__kind", {k.value: label for k, (_, label) in _ANCHOR_CODES.items()})
    planned = {kind: f"{code}_PLANNED" for kind, code in codes.items()}
    return [
        row_of(
            courses,
            "anchors",
            on=day("anchors__actual_on"),
            code=choice("anchors__kind", codes),
            label=labels,
            where=known & Q(anchors__actual_on__isnull=False),
            by="set_by",
            at="set_at",
        ),
        row_of(
            courses,
            "anchors",
            on=day("anchors__planned_on"),
            code=choice("anchors__kind", planned),
            label=labels,
            where=known & Q(anchors__actual_on__isnull=True),
            by="set_by",
            at="set_at",
        ),
    ]


def _stay_rows(courses: QuerySet[Course]) -> list[Rows]:
    place = F("stays__place")
    moved_in = Stay.objects.filter(
        course=OuterRef("pk"), ended_by_transfer=True, ended_on=OuterRef("stays__began_on")
    ).filter(pk__lt=OuterRef("stays__pk"))
    # The discharge after the infusion is an anchor and has its row already.
    anchored = Anchor.objects.filter(
        course=OuterRef("pk"), kind=AnchorKind.DISCHARGE, actual_on=OuterRef("stays__ended_on")
    )
    left = Q(stays__ended_on__isnull=False, stays__ended_by_transfer=False, stays__ended_cause="")
    icu = Q(stays__unit=StayUnit.ICU)
    began, ended = day("stays__began_on"), day("stays__ended_on")
    return [
        row_of(courses, "stays", on=began, code="ADMISSION", label=N_("Admission"), value=place,
             identifying=True, where=~Exists(moved_in)),
        row_of(courses, "stays", on=began, code="ICU", label=N_("Intensive care"), value=place,
             identifying=True, where=icu),
        row_of(courses, "stays", on=ended, code="ICU_END", label=N_("End of intensive care"),
             where=icu & Q(stays__ended_on__isnull=False)),
        row_of(courses, "stays", on=ended, code="DISCHARGE", label=N_("Discharge"),
             where=left & ~Exists(anchored)),
    ]  # fmt: skip


def _hold_rows(courses: QuerySet[Course]) -> list[Rows]:
    return [
        row_of(
            courses,
            "holds",
            on=day("holds__began_on"),
            code="DELAY",
            label=Concat(F("holds__step"), Value(": "), F("holds__reason_code")),
            value=F("holds__managed_with"),
            identifying=True,
        ),
        row_of(
            courses,
            "holds",
            on=day("holds__ended_on"),
            code="DELAY_END",
            label=Concat(F("holds__step"), Value(": "), F("holds__reason_code")),
            value=_days_lost(),
            unit=Case(
                When(holds__planned_on=None, then=Value("")),
                When(holds__new_date=None, then=Value("")),
                default=Value("d"),
            ),
            by="ended_by",
            at="ended_at",
            where=Q(holds__ended_on__isnull=False),
        ),
    ]


def _history_rows(courses: QuerySet[Course]) -> list[Rows]:
    donor = Concat("transplants__donor", Value(" "), "transplants__conditioning")
    return [
        row_of(courses, "diagnosiss", on=F("diagnosiss__on"), code="DX",
             label=F("diagnosiss__disease"), value=F("diagnosiss__ph_status")),
        row_of(courses, "therapylines", on=F("therapylines__on"), code="TX_LINE",
             label=F("therapylines__treatment"), value=F("therapylines__response"),
             identifying=True),
        row_of(courses, "transplants", on=F("transplants__on"),
             code=choice("transplants__kind", _first(_TRANSPLANT_CODES)),
             label=choice("transplants__kind", _second(_TRANSPLANT_CODES)), value=trim(donor)),
        row_of(courses, "transplants", on=F("transplants__on"), code="TRANSPLANT_PURPOSE",
               label=N_("Purpose of the transplant"), value=F("transplants__purpose"),
               where=Q(transplants__purpose__gt="")),
        row_of(courses, "relapses", on=F("relapses__on"),
             code=choice("relapses__kind", _first(_RELAPSE_CODES)),
             label=choice("relapses__kind", _second(_RELAPSE_CODES)),
             value=relapse_value()),
        row_of(courses, "antigens", on=F("antigens__on"), code="ANTIGEN",
             label=F("antigens__antigen"),
             value=Case(When(antigens__positive=True, then=Value(N_("positive"))),
                        default=Value(N_("negative")))),
        row_of(courses, "comorbiditys", on=F("comorbiditys__on"), code="COMORBIDITY",
             label=N_("Comorbidity"), value=F("comorbiditys__description"), identifying=True),
    ]  # fmt: skip


def _result_rows(courses: QuerySet[Course]) -> list[Rows]:
    return [
        # Labelled by the code of the analyte: what it is called stands in the protocol.
        row_of(courses, "labresults", on=F("labresults__on"), code="LAB",
             label=F("labresults__analyte"), value=_lab_value(), unit=F("labresults__unit")),
        row_of(courses, "marrowresults", on=F("marrowresults__on"), code="MARROW",
             label=N_("Bone marrow"), value=_marrow_value()),
        row_of(courses, "marrowresults", on=F("marrowresults__on"), code="MARROW_BLASTS",
             label=N_("Blasts in the marrow"), value=number("marrowresults__blasts_percent"),
             unit=Value("%"), where=Q(marrowresults__blasts_percent__isnull=False)),
        row_of(courses, "imagingresults", on=F("imagingresults__on"),
             code=choice("imagingresults__kind", _first(_IMAGING)),
             label=choice("imagingresults__kind", _second(_IMAGING)),
             value=F("imagingresults__finding")),
        row_of(courses, "imagingresults", on=F("imagingresults__on"), code="LVEF",
             label=N_("Ejection fraction"), value=number("imagingresults__lvef_percent"),
             unit=Value("%"), where=Q(imagingresults__lvef_percent__isnull=False)),
        row_of(courses, "csfresults", on=F("csfresults__on"), code="CSF",
             label=N_("Cerebrospinal fluid"), value=_csf_value()),
        row_of(courses, "caregiverchecks", on=F("caregiverchecks__on"), code="CAREGIVER",
             label=N_("Caregiver"),
             value=Case(When(caregiverchecks__present=True, then=Value("present")),
                        default=Value("absent"))),
        row_of(courses, "documentreferences", on=F("documentreferences__on"), code="DOCUMENT",
             label=N_("Document"), value=F("documentreferences__number"), identifying=True),
    ]  # fmt: skip


def _consent_rows(courses: QuerySet[Course]) -> list[Rows]:
    answer = Case(When(consents__given=True, then=Value(N_("given"))), default=Value(N_("refused")))
    return [
        row_of(courses, "consents", on=F("consents__on"), code="CONSENT", label=F("consents__kind"),
             value=answer),
        # Who entered the withdrawal stands in the audit only.
        row_of(courses, "consents", on=day("consents__withdrawn_on"), code="CONSENT",
             label=F("consents__kind"), value=Value(N_("withdrawn")), by="", at="",
             where=Q(consents__withdrawn_on__isnull=False)),
    ]  # fmt: skip


def _remark_rows(courses: QuerySet[Course]) -> list[Rows]:
    """Free text about a person, which a coded export leaves out."""
    return [
        row_of(courses, "coursenotes", on=F("coursenotes__on"), code="NOTE", label=N_("Note"),
             value=F("coursenotes__text"), identifying=True),
        row_of(courses, "holds", on=day("holds__began_on"), code="NOTE",
             label=N_("Remark on a hold"), value=F("holds__remark"), identifying=True,
             where=Q(holds__remark__gt="")),
        row_of(courses, "relapses", on=F("relapses__on"), code="NOTE",
             label=N_("Remark on a relapse"), value=F("relapses__remark"), identifying=True,
             where=Q(relapses__remark__gt="")),
    ]  # fmt: skip


def _lab_value() -> Combinable:
    """`positive; <50`: the answer and the number with its comparator, as far as there are any."""
    counted = Concat(
        F("labresults__comparator"), number("labresults__value"), output_field=TextField()
    )
    answer = F("labresults__result")
    return Case(
        When(labresults__value=None, then=answer),
        When(labresults__result="", then=counted),
        default=Concat(answer, Value("; "), counted, output_field=TextField()),
        output_field=TextField(),
    )


def _marrow_value() -> Combinable:
    """`cr; negative`: response and residual disease by their codes, what is unknown left out."""
    response = Case(
        When(marrowresults__remission="", then=Value("")),
        default=Concat(F("marrowresults__remission"), Value("; ")),
    )
    return Concat(response, Value("MRD "), F("marrowresults__mrd"))


def _csf_value() -> Combinable:
    """`cytology negative; flow not_done; intrathecal given`, the last where somebody said so."""
    therapy = Case(
        When(csfresults__intrathecal=True, then=Value("; intrathecal given")),
        When(csfresults__intrathecal=False, then=Value("; intrathecal not_given")),
        default=Value(""),
    )
    return Concat(
        Value("cytology "), F("csfresults__cytology"), Value("; flow "), F("csfresults__flow"),
        therapy,
    )  # fmt: skip


def _days_lost() -> Combinable:
    days = Func(
        F("holds__new_date"),
        F("holds__planned_on"),
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=TextField(),
    )
    return Coalesce(Cast(days, TextField()), Value(""), output_field=TextField())


def _first(pairs: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {key: pair[0] for key, pair in pairs.items()}


def _second(pairs: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {key: pair[1] for key, pair in pairs.items()}
