"""Addresses of the gathering pages."""

from django.urls import path

from desk import calendar_views, components_page, swimlane_views, today_views, views, ward_views

urlpatterns = [
    path("", views.board, name="board"),
    path("courses/<int:pk>/", views.course, name="course"),
    path("courses/<int:pk>/records/", views.course_records, name="course_records"),
    path("courses/<int:pk>/timeline/", swimlane_views.swimlane, name="swimlane"),
    path("courses/<int:pk>/summary/", views.summary, name="summary"),
    path("patients/<int:pk>/", views.patient, name="patient"),
    path("today/", today_views.today_page, name="today"),
    path("ward/", ward_views.ward_page, name="ward"),
    path("ward/to-confirm/", ward_views.to_confirm_page, name="to_confirm"),
    path("calendar/", calendar_views.calendar, name="calendar"),
    path("components/", components_page.components, name="components"),
]
