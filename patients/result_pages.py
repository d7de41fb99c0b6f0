"""What the page of results shows: analytes by date with marks, examinations, body surface."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.wording import day_text, in_words
from patients.domain.body import FORMULA_NAMES, BodySurface
from patients.domain.lab_values import HIGH, LOW, NEGATIVE, POSITIVE, Reading, mark_of
from patients.domain.ranges import GROUPS, Ranges
from patients.identity import Named
from patients.lab_forms import analyte_label
from patients.models import CsfResult, ImagingResult, LabResult, MarrowResult
from patients.models.results import ImagingKind
from patients.results import reading_of
from terms.partial_dates import PartialDate, parse
from terms.quantities import Analyte, to_shown, unit_text

DATES_ON_A_PAGE = 8
MARKS = {
    LOW: ("↓", gettext_lazy("Low")),
    HIGH: ("↑", gettext_lazy("High")),
    POSITIVE: ("!", gettext_lazy("Found")),
}
_ANSWERS = {POSITIVE: gettext_lazy("positive"), NEGATIVE: gettext_lazy("negative")}


@dataclass(frozen=True)
class Shown:
    """One value as it is read: in the unit of the centre, marked with a sign and a word."""

    text: str
    sign: str = ""
    mark: str = ""
    on: date | None = None


@dataclass(frozen=True)
class ResultRow:
    """One analyte: its latest value and those of the dates of the table, side by side."""

    label: str
    group: str
    usual: str
    latest: Shown
    cells: tuple[tuple[Shown, ...], ...]


@dataclass(frozen=True)
class ResultTable:
    """The table; `older` is the day before its first date, where there is anything earlier."""

    dates: tuple[date, ...]
    rows: tuple[ResultRow, ...]
    undated: tuple[Named, ...]
    older: date | None


@dataclass(frozen=True)
class Examination:
    """One marrow, image or spinal fluid, in words."""

    on: PartialDate
    what: str
    text: str


def shown(analyte: Analyte | None, reading: Reading) -> Shown:
    """A reading in words: its number with comparator and unit, its answer, its mark."""
    parts = [str(_ANSWERS[reading.answer])] if reading.answer else []
    if reading.value is not None:
        value, unit = reading.value, reading.unit
        if analyte is not None:
            value, unit = to_shown(analyte, value, unit)
        parts.append(f"{reading.comparator}{_plain(value)} {unit_text(unit)}")
    sign, word = MARKS.get(mark_of(analyte, reading), ("", ""))
    return Shown(" · ".join(parts), sign, str(word), reading.on)


def result_table(
    ranges: Ranges, results: Sequence[LabResult], *, groups: Sequence[str], until: date | None
) -> ResultTable:
    """The values of some groups (all when empty) on the latest dates up to `until`."""
    wanted = {one.code: one for one in ranges.of_groups(groups)}
    rows = [row for row in results if row.analyte in wanted or not groups]
    readings = [(row.analyte, reading_of(row)) for row in sorted(rows, key=lambda row: row.pk)]
    dates = sorted({r.on for _code, r in readings if r.on and (until is None or r.on <= until)})
    shown_dates = tuple(reversed(dates[-DATES_ON_A_PAGE:]))
    codes = [code for code in wanted if any(code == known for known, _r in readings)]
    # A value of an analyte that this version of the protocol does not know is shown all the same.
    codes += sorted({code for code, _r in readings} - set(codes))
    undated = tuple(
        Named(_name(ranges, code), shown(ranges.analyte(code), r).text)
        for code, r in readings
        if r.on is None
    )
    table = tuple(_row(ranges, code, readings, shown_dates) for code in codes)
    return ResultTable(
        dates=shown_dates,
        rows=tuple(row for row in table if row.latest.on is not None),
        undated=undated,
        older=dates[-DATES_ON_A_PAGE - 1] if len(dates) > DATES_ON_A_PAGE else None,
    )


def _row(
    ranges: Ranges,
    code: str,
    readings: Sequence[tuple[str, Reading]],
    dates: Sequence[date],
) -> ResultRow:
    analyte = ranges.analyte(code)
    own = [reading for known, reading in readings if known == code and reading.on is not None]
    latest = max(own, key=lambda reading: reading.on or date.min, default=None)
    # Of two on one day the later entry is the latest, as for guards.
    same_day = [r for r in own if latest is not None and r.on == latest.on]
    return ResultRow(
        label=_name(ranges, code),
        group=_(GROUPS[analyte.group]) if analyte is not None else "",
        usual=_usual(analyte),
        latest=shown(analyte, same_day[-1]) if same_day else Shown(""),
        cells=tuple(tuple(shown(analyte, r) for r in own if r.on == on) for on in dates),
    )


def _name(ranges: Ranges, code: str) -> str:
    analyte = ranges.analyte(code)
    return analyte_label(analyte) if analyte is not None else code


def _usual(analyte: Analyte | None) -> str:
    if analyte is None or analyte.usual is None:
        return ""
    low, high = (_plain(to_shown(analyte, end, analyte.unit)[0]) for end in analyte.usual)
    return f"{low}–{high} {unit_text(analyte.shown_in)}"


def surface_pairs(found: BodySurface) -> tuple[Named, ...]:
    """The body surface with its formula, its inputs and their days, or why there is none."""
    pairs = []
    for label, measure, unit in (
        (_("Weight"), found.weight, "kg"),
        (_("Height"), found.height, "cm"),
    ):
        text = ""
        if measure is not None:
            text = f"{_plain(measure.value)} {unit} ({day_text(measure.on)})"
        pairs.append(Named(label, text))
    formula = FORMULA_NAMES[found.formula]
    if found.square_metres is None:
        said = " ".join(in_words(refusal) for refusal in found.refusals)
        value = _("Not counted. %(why)s") % {"why": said}
    else:
        value = f"{number_format(found.square_metres, use_l10n=True)} m² ({formula})"
    return (*pairs, Named(_("Body surface"), value))


def examinations(
    marrows: Iterable[MarrowResult], images: Iterable[ImagingResult], fluids: Iterable[CsfResult]
) -> tuple[Examination, ...]:
    """Marrow, images and spinal fluid, the latest first."""
    told: list[tuple[str, str, str]] = []
    for marrow in marrows:
        parts = [marrow.get_remission_display(), marrow.get_mrd_display()]
        if marrow.mrd_method:
            parts.append(marrow.get_mrd_method_display())
        for label, value in (
            (_("Blasts"), marrow.blasts_percent),
            (_("Level"), marrow.mrd_percent),
            (_("Limit of detection"), marrow.mrd_limit_percent),
            (_("Donor chimerism"), marrow.donor_percent),
        ):
            if value is not None:
                parts.append(f"{label} {_plain(value)} %")
        told.append((marrow.on, _("Bone marrow"), " · ".join(filter(None, map(str, parts)))))
    for image in images:
        told.append((image.on, str(image.get_kind_display()), _image(image)))
    for csf in fluids:
        counted = csf.cells_per_ul
        cells = [f"{_('Cells')} {_plain(counted)}/µL"] if counted is not None else []
        tests = [
            f"{_('Cytology')}: {csf.get_cytology_display()}",
            f"{_('Flow cytometry')}: {csf.get_flow_display()}",
            f"{_('Intrathecal therapy given')}: {_known()[csf.intrathecal]}",
        ]
        told.append((csf.on, _("Cerebrospinal fluid"), " · ".join([*cells, *tests])))
    told.sort(key=lambda row: row[0], reverse=True)
    return tuple(Examination(parse(on), what, text) for on, what, text in told)


def _image(image: ImagingResult) -> str:
    parts = [str(image.get_finding_display())]
    if image.lvef_percent is not None:
        parts.append(f"{_('Ejection fraction')} {_plain(image.lvef_percent)} %")
    if image.kind != ImagingKind.ECHO:
        parts.append(f"{_('Extramedullary disease')}: {_known()[image.extramedullary]}")
    return " · ".join(parts)


def _known() -> dict[bool | None, str]:
    return {True: _("yes"), False: _("no"), None: _("not known")}


def _plain(number: Decimal) -> str:
    return str(number_format(f"{number.normalize():f}", use_l10n=True, force_grouping=False))
