"""Addresses of the calendar feed and of appointments."""

from django.urls import path

from reminders import appointment_views as appointments
from reminders import feed_views

urlpatterns = [
    path("calendar/feed/", feed_views.feed_page, name="feed_page"),
    path("calendar/feed/end/", feed_views.feed_end, name="feed_end"),
    path("calendar/feed/<str:token>.ics", feed_views.calendar_feed, name="calendar_feed"),
    path("courses/<int:pk>/appointments/", appointments.appointment_list, name="appointment_list"),
    path(
        "courses/<int:pk>/appointments/book/", appointments.appointment_new, name="appointment_new"
    ),
    path(
        "courses/<int:pk>/appointments/<int:appointment>/change/",
        appointments.appointment_change,
        name="appointment_change",
    ),
    path(
        "courses/<int:pk>/appointments/<int:appointment>/cancel/",
        appointments.appointment_cancel,
        name="appointment_cancel",
    ),
    path(
        "courses/<int:pk>/appointments/<int:appointment>/reinstate/",
        appointments.appointment_reinstate,
        name="appointment_reinstate",
    ),
]
