"""Addresses of the downloads."""

from django.urls import path

from exports import cohort_views, job_views, one_course_views, registry_views, views

urlpatterns = [
    path("cohort/", cohort_views.cohort, name="cohort"),
    path(
        "courses/<int:pk>/timeline.xlsx",
        one_course_views.course_timeline_xlsx,
        name="course_timeline_xlsx",
    ),
    path(
        "courses/<int:pk>/timeline.json",
        one_course_views.course_timeline_json,
        name="course_timeline_json",
    ),
    path(
        "courses/<int:pk>/timeline.pdf",
        one_course_views.course_timeline_pdf,
        name="course_timeline_pdf",
    ),
    path("courses/<int:pk>/fhir.json", one_course_views.course_fhir, name="course_fhir"),
    path("courses/<int:pk>/timeline.csv", views.course_timeline_csv, name="course_timeline_csv"),
    path("exports/", job_views.export_list, name="export_list"),
    path("exports/<int:pk>/file/", job_views.export_file, name="export_file"),
    path("exports/<int:pk>/cancel/", job_views.export_cancel, name="export_cancel"),
    path("exports/<int:pk>/retry/", job_views.export_retry, name="export_retry"),
    path("exports/<int:pk>/sign/", job_views.export_sign, name="export_sign"),
    path("intention-to-treat/", views.intention, name="intention"),
    path("intention-to-treat.csv", views.intention_csv, name="intention_csv"),
    path("registry/", registry_views.registry, name="registry"),
    path("registry/<slug:name>.csv", registry_views.registry_csv, name="registry_csv"),
    path("timelines.csv", views.timelines_csv, name="timelines_csv"),
]
