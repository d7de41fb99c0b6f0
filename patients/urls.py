"""Addresses of the chart's pages."""

from django.urls import path

from patients import (
    correction_views,
    error_views,
    identifier_views,
    patient_views,
    result_import_views,
    result_views,
    views,
)

urlpatterns = [
    path("patients/", views.patient_list, name="patient_list"),
    path("patients/<int:pk>/edit/", patient_views.patient_edit, name="patient_edit"),
    path("patients/<int:pk>/identifiers/", identifier_views.identifier_list, name="identifiers"),
    path(
        "patients/<int:pk>/identifiers/new/",
        identifier_views.identifier_new,
        name="identifier_new",
    ),
    path(
        "patients/<int:pk>/identifiers/<int:number>/correct/",
        identifier_views.identifier_correct,
        name="identifier_correct",
    ),
    path(
        "patients/<int:pk>/identifiers/<int:number>/labels/",
        identifier_views.identifier_choose,
        name="identifier_choose",
    ),
    path(
        "patients/<int:pk>/identifiers/<int:number>/error/",
        identifier_views.identifier_error,
        name="identifier_error",
    ),
    path("patients/<int:pk>/identity/", patient_views.identity_verify, name="identity_verify"),
    path("patients/<int:pk>/death/", patient_views.death_record, name="death_record"),
    path("patients/<int:pk>/death/details/", patient_views.death_details, name="death_details"),
    path("patients/<int:pk>/death/withdraw/", patient_views.death_withdraw, name="death_withdraw"),
    path("patients/<int:pk>/error/", error_views.patient_error, name="patient_error"),
    path("courses/<int:pk>/error/", error_views.course_error, name="course_error"),
    path("errors/", error_views.error_list, name="error_list"),
    path("errors/facts/<int:pk>/undo/", correction_views.fact_undo, name="fact_undo"),
    path(
        "courses/<int:pk>/facts/<slug:kind>/<int:fact>/correct/",
        correction_views.fact_correct,
        name="fact_correct",
    ),
    path(
        "courses/<int:pk>/facts/<slug:kind>/<int:fact>/error/",
        correction_views.fact_error,
        name="fact_error",
    ),
    path("errors/<int:pk>/undo/", error_views.error_undo, name="error_undo"),
    path("courses/<int:pk>/chart/<slug:kind>/new/", views.chart_entry_new, name="chart_entry_new"),
    path("consents/<int:pk>/withdraw/", views.consent_withdraw, name="consent_withdraw"),
    path("courses/<int:pk>/holds/new/", views.hold_new, name="hold_new"),
    path("holds/<int:pk>/end/", views.hold_end, name="hold_end"),
    path("courses/<int:pk>/stay/admit/", views.stay_admit, name="stay_admit"),
    path("courses/<int:pk>/stay/transfer/", views.stay_transfer, name="stay_transfer"),
    path("courses/<int:pk>/stay/discharge/", views.stay_discharge, name="stay_discharge"),
    path("courses/<int:pk>/dates/plan/", views.anchor_plan, name="anchor_plan"),
    path("courses/<int:pk>/responsible/", views.responsible_set, name="responsible_set"),
    path("results/import/", result_import_views.results_import, name="results_import"),
    path("courses/<int:pk>/results/", result_views.results, name="results"),
    path("courses/<int:pk>/results/new/", result_views.results_new, name="results_new"),
]
