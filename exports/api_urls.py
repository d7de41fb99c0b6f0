"""Addresses of timelines in the API, under /api/v1/."""

from django.urls import path

from exports import api, api_jobs, api_one_course
from exports.api_cohort import CohortView
from exports.api_registry import RegistryCsvView

urlpatterns = [
    path(
        "courses/<int:pk>/timeline.xlsx",
        api_one_course.TimelineXlsxView.as_view(),
        name="api_timeline_xlsx",
    ),
    path(
        "courses/<int:pk>/timeline.json",
        api_one_course.TimelineJsonView.as_view(),
        name="api_timeline_json",
    ),
    path(
        "courses/<int:pk>/timeline.pdf",
        api_one_course.TimelinePdfView.as_view(),
        name="api_timeline_pdf",
    ),
    path("cohort/", CohortView.as_view(), name="api_cohort"),
    path("courses/<int:pk>/fhir/", api_one_course.CourseFhirView.as_view(), name="api_fhir"),
    path("courses/<int:pk>/timeline/", api.TimelineView.as_view(), name="api_timeline"),
    path("courses/<int:pk>/timeline.csv", api.TimelineCsvView.as_view(), name="api_timeline_csv"),
    path("exports/", api_jobs.ExportsView.as_view(), name="api_exports"),
    path("exports/<int:pk>/", api_jobs.ExportView.as_view(), name="api_export"),
    path("exports/<int:pk>/file/", api_jobs.ExportFileView.as_view(), name="api_export_file"),
    path("exports/<int:pk>/cancel/", api_jobs.ExportCancelView.as_view(), name="api_export_cancel"),
    path("exports/<int:pk>/retry/", api_jobs.ExportRetryView.as_view(), name="api_export_retry"),
    path("exports/<int:pk>/sign/", api_jobs.ExportSignView.as_view(), name="api_export_sign"),
    path("intention-to-treat/", api.IntentionView.as_view(), name="api_intention"),
    path("registry/<slug:name>.csv", RegistryCsvView.as_view(), name="api_registry_csv"),
    path("timelines.csv", api.TimelinesCsvView.as_view(), name="api_timelines_csv"),
]
