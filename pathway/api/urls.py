"""Addresses of courses, moves and companions in the API, under /api/v1/."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from pathway.api import (
    assessments,
    calculators,
    companions,
    corrections,
    courses,
    custody,
    doses,
    identity_checks,
    imports,
    labels,
    moves,
    papers,
    repins,
    withdrawal,
)
from pathway.domain.companions import COMPANIONS


class MachineConverter(StringConverter):
    """The machine of a companion."""

    regex = "|".join(COMPANIONS)


register_converter(MachineConverter, "machine")

urlpatterns = [
    path("imports/courses/", imports.CoursesImportView.as_view(), name="api_courses_import"),
    path("calculators/isbt-din/", calculators.IsbtDinView.as_view(), name="api_isbt_din"),
    path("courses/", courses.CoursesView.as_view(), name="api_courses"),
    path("courses/<int:pk>/", courses.CourseView.as_view(), name="api_course"),
    path(
        "courses/<int:pk>/protocol/",
        repins.CourseProtocolView.as_view(),
        name="api_course_protocol",
    ),
    path("courses/<int:pk>/moves/", moves.MovesView.as_view(), name="api_moves"),
    path("courses/<int:pk>/changes/", corrections.ChangesView.as_view(), name="api_changes"),
    path(
        "courses/<int:pk>/changes/<int:place>/foresee/",
        corrections.CorrectionForeseenView.as_view(),
        name="api_change_foresee",
    ),
    path(
        "courses/<int:pk>/changes/<int:place>/correct/",
        corrections.CorrectionView.as_view(),
        name="api_change_correct",
    ),
    path(
        "courses/<int:pk>/withdrawal/",
        withdrawal.ScopeView.as_view(),
        name="api_withdrawal_scope",
    ),
    path(
        "courses/<int:pk>/identity-checks/",
        identity_checks.ChecksView.as_view(),
        name="api_identity_checks",
    ),
    path(
        "courses/<int:pk>/identity-checks/<int:check>/",
        identity_checks.OneCheckView.as_view(),
        name="api_identity_check",
    ),
    path(
        "courses/<int:pk>/identity-checks/<int:check>/scans/",
        identity_checks.CheckScansView.as_view(),
        name="api_identity_scans",
    ),
    path(
        "courses/<int:pk>/identity-checks/<int:check>/deviation/",
        identity_checks.CheckDeviationView.as_view(),
        name="api_identity_deviation",
    ),
    path(
        "courses/<int:pk>/bridging/suggestion/",
        companions.SuggestionView.as_view(),
        name="api_bridging_suggestion",
    ),
    path(
        "courses/<int:pk>/eligibility-items/",
        assessments.ItemsView.as_view(),
        name="api_eligibility_items",
    ),
    path("courses/<int:pk>/meetings/", assessments.MeetingsView.as_view(), name="api_meetings"),
    path(
        "courses/<int:pk>/meetings/<int:meeting>/sign/",
        assessments.MeetingSignView.as_view(),
        name="api_meeting_sign",
    ),
    path("courses/<int:pk>/gates/<slug:gate>/", assessments.GateView.as_view(), name="api_gate"),
    path(
        "courses/<int:pk>/<machine:machine>/",
        companions.CompanionsView.as_view(),
        name="api_companions",
    ),
    path(
        "courses/<int:pk>/<machine:machine>/<int:companion>/doses/",
        doses.DosesView.as_view(),
        name="api_doses",
    ),
    path("doses/<int:dose>/give/", doses.DoseGiveView.as_view(), name="api_dose_give"),
    path("doses/<int:dose>/withhold/", doses.DoseWithholdView.as_view(), name="api_dose_withhold"),
    path("doses/<int:dose>/change/", doses.DoseChangeView.as_view(), name="api_dose_change"),
    path("doses/<int:dose>/correct/", doses.DoseCorrectView.as_view(), name="api_dose_correct"),
    path(
        "courses/<int:pk>/<machine:machine>/<int:companion>/moves/",
        companions.CompanionMovesView.as_view(),
        name="api_companion_moves",
    ),
    path(
        "courses/<int:pk>/<machine:machine>/<int:companion>/papers/",
        papers.PapersView.as_view(),
        name="api_papers",
    ),
    path(
        "courses/<int:pk>/<machine:machine>/<int:companion>/papers/<slug:kind>/",
        papers.PaperView.as_view(),
        name="api_paper",
    ),
    path(
        "courses/<int:pk>/product/<int:companion>/signatures/",
        papers.SignaturesView.as_view(),
        name="api_oos_signatures",
    ),
    path(
        "courses/<int:pk>/<machine:machine>/<int:companion>/labels/",
        labels.LabelsView.as_view(),
        name="api_labels",
    ),
    path(
        "courses/<int:pk>/<machine:machine>/<int:companion>/labels/<slug:name>/",
        labels.LabelView.as_view(),
        name="api_label",
    ),
    path(
        "courses/<int:pk>/labels/<int:entry>/reading/",
        labels.LabelReadingView.as_view(),
        name="api_label_reading",
    ),
    path(
        "courses/<int:pk>/product/<int:companion>/custody/",
        custody.CustodyView.as_view(),
        name="api_custody",
    ),
    path(
        "courses/<int:pk>/custody/<int:entry>/witness/",
        custody.CustodyWitnessView.as_view(),
        name="api_custody_witness",
    ),
    path(
        "courses/<int:pk>/custody/<int:entry>/deviation/",
        custody.CustodyDeviationView.as_view(),
        name="api_custody_deviation",
    ),
]
