"""Addresses of reminders in the API, under /api/v1/."""

from django.urls import path

from reminders import api, api_asking, api_due, api_notices

urlpatterns = [
    path(
        "courses/<int:pk>/facts/<slug:kind>/<int:fact>/ask/",
        api_asking.AskingView.as_view(),
        name="api_fact_ask",
    ),
    path("reminders/", api.RemindersView.as_view(), name="api_reminders"),
    path("reminders/mine/", api_due.DueForMeView.as_view(), name="api_due_for_me"),
    path("reminders/mine/seen/", api_due.SeenView.as_view(), name="api_due_seen"),
    path("notices/", api_notices.NoticesView.as_view(), name="api_notices"),
    path(
        "notices/<int:pk>/acknowledge/",
        api_notices.AcknowledgementView.as_view(),
        name="api_notice_acknowledge",
    ),
]
