"""Addresses of the chart in the API, under /api/v1/."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from patients.api import (
    chart,
    corrections,
    errors,
    events,
    foresight,
    imports,
    numbers,
    people,
    results,
)
from patients.charting import KINDS


class EntryKindConverter(StringConverter):
    """A kind of chart entry."""

    regex = "|".join(KINDS)


class FactConverter(StringConverter):
    """A kind of chart entry, a stay or a hold."""

    regex = "|".join(corrections.FACTS)


register_converter(EntryKindConverter, "entry_kind")
register_converter(FactConverter, "fact")

urlpatterns = [
    path("patients/", people.PatientsView.as_view(), name="api_patients"),
    path("patients/<int:pk>/", people.PatientView.as_view(), name="api_patient"),
    path(
        "patients/<int:pk>/identifiers/",
        numbers.IdentifiersView.as_view(),
        name="api_patient_identifiers",
    ),
    path(
        "patients/<int:pk>/identifiers/<int:number>/correct/",
        numbers.IdentifierCorrectionView.as_view(),
        name="api_identifier_correct",
    ),
    path(
        "patients/<int:pk>/identifiers/<int:number>/labels/",
        numbers.IdentifierChoiceView.as_view(),
        name="api_identifier_choose",
    ),
    path(
        "patients/<int:pk>/identifiers/<int:number>/error/",
        numbers.IdentifierErrorView.as_view(),
        name="api_identifier_error",
    ),
    path("patients/<int:pk>/identity/", people.IdentityView.as_view(), name="api_patient_identity"),
    path("patients/<int:pk>/death/", people.DeathView.as_view(), name="api_patient_death"),
    path(
        "patients/<int:pk>/death/details/",
        people.DeathDetailsView.as_view(),
        name="api_patient_death_details",
    ),
    path(
        "patients/<int:pk>/death/withdraw/",
        people.DeathWithdrawalView.as_view(),
        name="api_patient_death_withdraw",
    ),
    path("patients/<int:pk>/error/", errors.PatientErrorView.as_view(), name="api_patient_error"),
    path("courses/<int:pk>/error/", errors.CourseErrorView.as_view(), name="api_course_error"),
    path("errors/", errors.ErrorsView.as_view(), name="api_errors"),
    path("errors/<int:pk>/undo/", errors.ErrorUndoView.as_view(), name="api_error_undo"),
    path("courses/<int:pk>/holds/", events.HoldsView.as_view(), name="api_holds"),
    path(
        "courses/<int:pk>/holds/<int:hold>/end/", events.HoldEndView.as_view(), name="api_hold_end"
    ),
    path(
        "courses/<int:pk>/corrections/",
        corrections.CorrectionsView.as_view(),
        name="api_corrections",
    ),
    path(
        "courses/<int:pk>/holds/<int:hold>/correct/",
        corrections.HoldCorrectionView.as_view(),
        name="api_hold_correct",
    ),
    path(
        "courses/<int:pk>/stays/<int:stay>/correct/",
        corrections.StayCorrectionView.as_view(),
        name="api_stay_correct",
    ),
    path(
        "courses/<int:pk>/chart/<entry_kind:kind>/<int:entry>/correct/",
        corrections.EntryCorrectionView.as_view(),
        name="api_entry_correct",
    ),
    path(
        "courses/<int:pk>/facts/<fact:kind>/<int:fact>/error/",
        corrections.FactErrorView.as_view(),
        name="api_fact_error",
    ),
    path("errors/facts/", corrections.FactErrorsView.as_view(), name="api_fact_errors"),
    path("errors/facts/<int:pk>/undo/", corrections.FactUndoView.as_view(), name="api_fact_undo"),
    path("courses/<int:pk>/stays/", events.StaysView.as_view(), name="api_stays"),
    path("courses/<int:pk>/stays/admit/", events.AdmissionView.as_view(), name="api_stay_admit"),
    path(
        "courses/<int:pk>/stays/transfer/", events.TransferView.as_view(), name="api_stay_transfer"
    ),
    path(
        "courses/<int:pk>/stays/discharge/",
        events.DischargeView.as_view(),
        name="api_stay_discharge",
    ),
    path("courses/<int:pk>/anchors/", events.AnchorsView.as_view(), name="api_anchors"),
    path(
        "courses/<int:pk>/anchors/foresee/",
        foresight.PlanForeseenView.as_view(),
        name="api_anchor_foresee",
    ),
    path("imports/results/", imports.ResultsImportView.as_view(), name="api_results_import"),
    path("courses/<int:pk>/results/", results.ResultsView.as_view(), name="api_results"),
    path("courses/<int:pk>/chart/", chart.ChartView.as_view(), name="api_chart"),
    path("courses/<int:pk>/chart/<entry_kind:kind>/", chart.EntryView.as_view(), name="api_entry"),
    path(
        "courses/<int:pk>/chart/consent/<int:consent>/withdraw/",
        chart.ConsentEndView.as_view(),
        name="api_consent_withdraw",
    ),
]
