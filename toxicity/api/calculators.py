"""The scales as calculators: an answer from what is sent, nothing stored, nothing advised."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import writing
from accounts.api_requests import ApiView
from toxicity.api import answers as o
from toxicity.domain.b_cell_aplasia import b_cell_aplasia
from toxicity.domain.car_hematotox import HematotoxValues, car_hematotox
from toxicity.domain.crs import grade_crs
from toxicity.domain.easix import easix
from toxicity.domain.grading import Grading, Warning
from toxicity.domain.icaht import early_icaht, late_icaht
from toxicity.domain.icans import grade_icans
from toxicity.domain.iec_hs import IecHsSigns, grade_iec_hs
from toxicity.domain.ranges import anc_doubted, crp_doubted
from toxicity.domain.t_icaht import early_t_icaht, late_t_icaht
from toxicity.inputs import scales as i
from toxicity.wording import warning_words


class CrsView(ApiView):
    """Cytokine release syndrome."""

    @writing("Grade CRS", i.CrsIn, o.GradingOut, status=200)
    def post(self, request: Request) -> Response:
        """Grade 0 to 5 by fever, hypotension and hypoxia."""
        return Response(told(grade_crs(i.crs_signs(self.received(i.CrsIn)))))


class IcansView(ApiView):
    """Neurotoxicity."""

    @writing("Grade ICANS", i.IcansIn, o.GradingOut, status=200)
    def post(self, request: Request) -> Response:
        """Grade 0 to 5 by ICE or CAPD, arousal, seizures, weakness and oedema."""
        return Response(told(grade_icans(i.icans_signs(self.received(i.IcansIn)))))


class IecHsView(ApiView):
    """The hyperinflammatory syndrome."""

    @writing("Screen for IEC-HS and grade it", i.IecHsIn, o.IecHsOut, status=200)
    def post(self, request: Request) -> Response:
        """What the laboratory says; graded only where a clinician confirmed it."""
        found = grade_iec_hs(IecHsSigns(**self.received(i.IecHsIn)))
        answer = {"screen": found.screen.value, "limbs": list(found.limbs)}
        return Response(told(found.grading) | answer)


class IcahtView(ApiView):
    """Neutropenia after the infusion."""

    @writing("Grade ICAHT", i.IcahtIn, o.IcahtOut, status=200)
    def post(self, request: Request) -> Response:
        """Early and late, the early days counted both ways."""
        course, samples = i.course_and_samples(self.received(i.IcahtIn), "anc")
        early, late = early_icaht(samples, course), late_icaht(samples, course)
        answer = {
            "early": {
                "longest": asdict(early.longest),
                "cumulative": asdict(early.cumulative),
                "status": early.grading.status.value,
            },
            "late": told(late),
        }
        doubts = anc_doubted(sample.value for sample in samples)
        grading = replace(early.grading, warnings=(*early.grading.warnings, *doubts))
        return Response(told(grading) | answer)


class TIcahtView(ApiView):
    """Thrombocytopenia after the infusion."""

    @writing("Grade T-ICAHT", i.TIcahtIn, o.TIcahtOut, status=200)
    def post(self, request: Request) -> Response:
        """Early and late."""
        course, samples = i.course_and_samples(self.received(i.TIcahtIn), "plt")
        early, late = early_t_icaht(samples, course), late_t_icaht(samples, course)
        return Response(told(early) | {"early": told(early), "late": told(late)})


class CarHematotoxView(ApiView):
    """The risk of long cytopenia."""

    @writing("Score CAR-HEMATOTOX", i.HematotoxIn, o.HematotoxOut, status=200)
    def post(self, request: Request) -> Response:
        """The score, or the range in which it lies without what is missing."""
        values = self.received(i.HematotoxIn)
        found = asdict(car_hematotox(HematotoxValues(**values)))
        answer = _scored(found, complete=found["score"] is not None)
        doubts = (*crp_doubted(values.get("crp")), *anc_doubted([values.get("anc")]))
        return Response(answer | {"warnings": _in_words(doubts)})


class EasixView(ApiView):
    """Indices of endothelial activation."""

    @writing("Compute EASIX", i.EasixIn, o.EasixOut, status=200)
    def post(self, request: Request) -> Response:
        """The three indices; null where a value is missing."""
        given = self.received(i.EasixIn)
        found = easix(*(given.get(name) for name in ("ldh", "creatinine", "plt", "crp")))
        indices = {
            name: None if value is None else float(value)
            for name, value in asdict(found).items()
            if name != "rule_version"
        }
        complete = None not in indices.values()
        answer = _scored({**indices, "rule_version": found.rule_version}, complete=complete)
        return Response(answer | {"warnings": _in_words(crp_doubted(given.get("crp")))})


class BCellAplasiaView(ApiView):
    """B-cell aplasia."""

    @writing("Find B-cell aplasia", i.BCellsIn, o.BCellsOut, status=200)
    def post(self, request: Request) -> Response:
        """From the first aplastic sample to the first of two recovered ones."""
        given = self.received(i.BCellsIn)
        samples = [(one["at"], one["cd19"]) for one in given["series"]]
        found = asdict(b_cell_aplasia(samples, given["threshold"]))
        return Response(_scored(found, complete=bool(samples) and not found["ongoing"]))


def told(grading: Grading) -> dict[str, Any]:
    """A grading as every calculator answers it, its warnings in the language of the request."""
    return {
        "grade": grading.grade,
        "status": grading.status.value,
        "drivers": [asdict(driver) for driver in grading.drivers],
        "warnings": _in_words(grading.warnings),
        "rule_version": grading.rule_version,
    }


def _in_words(warnings: Sequence[Warning]) -> list[dict[str, str]]:
    return [
        {"code": one.code, "message": sentence}
        for one, sentence in zip(warnings, warning_words(warnings), strict=True)
    ]


def _scored(found: dict[str, Any], *, complete: bool) -> dict[str, Any]:
    """A score or a span, which is no grade: `final` when nothing is missing."""
    status = "final" if complete else "provisional"
    return {"grade": None, "status": status, "drivers": [], "warnings": [], **found}
