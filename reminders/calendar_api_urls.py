"""Addresses of the calendar, its feed and appointments in the API, under /api/v1/."""

from django.urls import path

from reminders import api_appointments, api_calendar, api_feed

urlpatterns = [
    path("calendar/", api_calendar.CalendarView.as_view(), name="api_calendar"),
    path("calendar/feed/", api_feed.FeedView.as_view(), name="api_feed"),
    path(
        "courses/<int:pk>/appointments/",
        api_appointments.AppointmentsView.as_view(),
        name="api_appointments",
    ),
    path(
        "courses/<int:pk>/appointments/<int:appointment>/change/",
        api_appointments.ChangeView.as_view(),
        name="api_appointment_change",
    ),
    path(
        "courses/<int:pk>/appointments/<int:appointment>/cancel/",
        api_appointments.CancelView.as_view(),
        name="api_appointment_cancel",
    ),
    path(
        "courses/<int:pk>/appointments/<int:appointment>/reinstate/",
        api_appointments.ReinstateView.as_view(),
        name="api_appointment_reinstate",
    ),
]
