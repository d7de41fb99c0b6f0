"""The cohort report in the API."""

from fractions import Fraction
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import problems, reading
from accounts.api_requests import ApiView, DayField, TextField
from exports.cohort import CohortFilters, read_cohort
from exports.cohort_names import label_of
from exports.cohort_report import Report, report_of, table_1, table_2
from exports.counting import StillCounting
from exports.domain.counted import whole_months
from exports.domain.curves import Curve
from exports.domain.incidence import Incidence, incidence_at
from exports.domain.indicators import Indicator
from exports.domain.statistics import STATISTICS
from exports.domain.summaries import PER_100, Exact, Summary
from exports.domain.survival import at_risk, estimate, surviving_at

# So many rows of the tables an answer holds; everything else counts every course.
ROWS_OF_AN_ANSWER = 1000
# Where the API says a curve: after so many days.
LANDMARKS = (30, 100, 182, 365, 730, 1095, 1826)


class CohortAsked(serializers.Serializer[Any]):
    """What the cohort is narrowed to; both days of infusion are included."""

    product = TextField(60)
    protocol = TextField(60)
    centre = TextField(12)
    infused_after = DayField(required=False)
    infused_before = DayField(required=False)
    search = TextField(100)
    page = serializers.IntegerField(
        min_value=1, max_value=100_000, required=False, default=1,
        help_text="Of the tables, where there are more than a thousand courses.",
    )  # fmt: skip

    def validate(self, attrs: Any) -> Any:
        """The first day is not after the last."""
        first, last = attrs.get("infused_after"), attrs.get("infused_before")
        if first and last and first > last:
            raise serializers.ValidationError(
                {"infused_before": _("This is before the first day.")}, code="out_of_order"
            )
        return attrs


class Table1Out(serializers.Serializer[Any]):
    """A course before the infusion; null is not known, `none` known to be none."""

    course_id = serializers.IntegerField()
    code = serializers.CharField()
    patient = serializers.CharField(help_text="A published code or the course's, never a name.")
    age = serializers.IntegerField()
    diagnosis = serializers.CharField(allow_null=True)
    risk = serializers.ChoiceField(choices=["standard", "high"], allow_null=True)
    first_line = serializers.CharField(allow_null=True)
    response = serializers.CharField(
        allow_null=True, help_text="Null also for who sees no identities: it is free text."
    )
    allo_hsct = serializers.CharField(allow_null=True)
    days_to_apheresis = serializers.IntegerField(allow_null=True)
    bridging = serializers.CharField(allow_null=True)


class ToxicOut(serializers.Serializer[Any]):
    """The episodes of one scale; grade 0 where somebody looked, null where nobody did."""

    grade = serializers.IntegerField(allow_null=True)
    onset_day = serializers.IntegerField(allow_null=True)
    duration_days = serializers.IntegerField(allow_null=True)
    ongoing = serializers.BooleanField()


class Table2Out(serializers.Serializer[Any]):
    """A course from the infusion on; null is not known, or not yet."""

    course_id = serializers.IntegerField()
    code = serializers.CharField()
    patient = serializers.CharField()
    status = serializers.CharField(allow_null=True)
    crs = ToxicOut()
    icans = ToxicOut()
    stay_days = serializers.IntegerField(allow_null=True)
    stay_ongoing = serializers.BooleanField()
    infections = serializers.ListField(child=serializers.CharField(), allow_null=True)
    neutropenia_days = serializers.IntegerField(allow_null=True)
    b_cell_aplasia_months = serializers.IntegerField(allow_null=True)
    b_cell_aplasia_ongoing = serializers.BooleanField(allow_null=True)
    ecog = serializers.IntegerField(allow_null=True)
    follow_up_months = serializers.IntegerField(allow_null=True)


class StatisticOut(serializers.Serializer[Any]):
    """`n` values are known, `censored` of them only so far; `missing` are not among them.

    Of a `suppressed` one what is too small to be told is null.
    """

    n = serializers.IntegerField(allow_null=True)
    missing = serializers.IntegerField()
    censored = serializers.IntegerField(allow_null=True)
    suppressed = serializers.BooleanField()
    median = serializers.FloatField(allow_null=True)
    min = serializers.IntegerField(allow_null=True, help_text="Of what is over.")
    max = serializers.IntegerField(allow_null=True, help_text="Of what is over.")
    longest_censored = serializers.IntegerField(allow_null=True)
    unit = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    definition = serializers.CharField()


class CohortOut(serializers.Serializer[Any]):
    """The cohort report."""

    count = serializers.IntegerField()
    infused = serializers.IntegerField()
    pages = serializers.IntegerField(help_text="Of the tables; 1 but for very long ones.")
    today = serializers.DateField()
    protocols = serializers.ListField(child=serializers.DictField())
    table1 = Table1Out(many=True)
    table2 = Table2Out(many=True)
    statistics = serializers.DictField(child=StatisticOut())
    kpis = serializers.DictField(
        help_text="By code: a length as a statistic, a rate as `n` of `of`, or the `total` of `n` "
        "(null where it is `suppressed` for its smallness); incidents also `per_100`. Items of the "
        "schedule, sides and reasons of delays, reasons of an end, causes of death and categories "
        "of incidents each have their own."
    )
    survival = serializers.DictField(
        help_text="By curve: how many, events, censored, missing, the median, and the part without "
        "an event with the number at risk after some days."
    )
    incidence = serializers.DictField(
        help_text="By end, of two that exclude each other: how many ended so, how many otherwise, "
        "missing, and the part that has ended so after some days."
    )


class CountingFirst(APIException):
    """After an upgrade or a large import: the report can be had once all of it is counted."""

    status_code = 503
    default_code = "still_counting"
    wait = 1  # seconds

    def __init__(self, counting: StillCounting) -> None:
        said = _("%(done)s of %(of)s courses are counted: ask again.")
        super().__init__(said % {"done": counting.done, "of": counting.of})


class CohortView(ApiView):
    """The cohort report."""

    @reading(
        "Read the cohort report",
        parameters=[CohortAsked],
        responses={200: CohortOut} | problems(400, 401, 403, 429, 503),
    )
    def get(self, request: Request) -> Response:
        """Count every enrolled course that the filters choose; the audit keeps the reading."""
        asked = {name: value for name, value in self.asked(CohortAsked).items() if value}
        page = asked.pop("page")
        try:
            found = read_cohort(self.actor, CohortFilters(**asked), now=timezone.now())
        except StillCounting as counting:
            raise CountingFirst(counting) from counting
        return Response(answer_of(report_of(found), page))


def answer_of(report: Report, page: int) -> dict[str, Any]:
    """A report as the API answers it, with one page of its tables."""
    cohort = report.cohort
    pages = max(1, -(-cohort.count // ROWS_OF_AN_ANSWER))
    rows = cohort.rows((min(page, pages) - 1) * ROWS_OF_AN_ANSWER, ROWS_OF_AN_ANSWER)
    return {
        "count": cohort.count,
        "infused": cohort.infused,
        "pages": pages,
        "today": cohort.today,
        "protocols": [
            {"code": one.code, "version": one.version, "courses": courses}
            for one, courses in cohort.protocols
        ],
        "table1": [table_1(one) for one in rows],
        "table2": [table_2(one) for one in rows],
        "statistics": {
            code: {
                **_summary(summary),
                "unit": STATISTICS[code].unit,
                "label": _(STATISTICS[code].label),
                "definition": _(STATISTICS[code].text),
            }
            for code, summary in report.statistics.items()
        },
        "kpis": {one.definition.code: _indicator(one) for one in report.indicators},
        "survival": {one.definition.code: _curve(one) for one in report.curves},
        "incidence": {one.definition.code: _incidence(one) for one in report.incidences},
    }


def _summary(found: Summary) -> dict[str, Any]:
    return {
        "n": found.n,
        "missing": found.missing,
        "censored": found.censored,
        "median": _number(found.median),
        "min": found.low,
        "max": found.high,
        "longest_censored": found.longest_censored,
        "suppressed": found.suppressed,
    }


def _number(exact: Exact | None) -> int | float | None:
    return float(exact) if isinstance(exact, Fraction) else exact


def _indicator(found: Indicator) -> dict[str, Any]:
    said: dict[str, Any] = {
        "label": label_of(found),
        "definition": _(found.definition.text),
        "unit": found.definition.unit,
    }
    if found.total is not None:
        total = found.total
        return said | {
            "total": total.sum, "n": total.n, "missing": total.missing,
            "suppressed": total.suppressed,
        }  # fmt: skip
    if found.length is not None:
        return said | _summary(found.length)
    rate = found.rate
    assert rate is not None, "an indicator is a length or a rate"
    if found.definition.unit == PER_100:
        said["per_100"] = None if rate.fraction is None else float(100 * rate.fraction)
    return said | {
        "n": rate.part, "of": rate.of, "missing": rate.missing, "suppressed": rate.suppressed,
    }  # fmt: skip


def _incidence(found: Incidence) -> dict[str, Any]:
    parts = incidence_at(found.times, found.of, LANDMARKS)
    told = zip(LANDMARKS, at_risk(found.times, LANDMARKS), parts, strict=True)
    return {
        "label": _(found.definition.label),
        "definition": _(found.definition.text),
        "n": None if found.suppressed else sum(found.times.values()),
        "events": None if found.suppressed else found.events,
        "competing": None if found.suppressed else found.competing,
        "missing": found.missing,
        "suppressed": found.suppressed,
        "at": [
            {"day": day, "at_risk": number, "incidence": None if part is None else float(part)}
            for day, number, part in told
            if not found.suppressed
        ],
    }


def _curve(found: Curve) -> dict[str, Any]:
    told = estimate(found.times)
    parts = surviving_at(found.times, LANDMARKS)
    return {
        "label": _(found.definition.label),
        "definition": _(found.definition.text),
        "n": None if found.suppressed else told.n,
        "events": None if found.suppressed else told.events,
        "censored": None if found.suppressed else told.censored,
        "missing": found.missing,
        "suppressed": found.suppressed,
        "median_days": told.median,
        "median_months": None if told.median is None else whole_months(told.median),
        "at": [
            {"day": day, "at_risk": number, "surviving": None if part is None else float(part)}
            for day, number, part in zip(
                LANDMARKS, at_risk(found.times, LANDMARKS), parts, strict=True
            )
            if not found.suppressed
        ],
    }
