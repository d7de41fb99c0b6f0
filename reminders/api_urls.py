"""Addresses of reminders in the API, under /api/v1/."""

from django.urls import path

from reminders import api

urlpatterns = [path("reminders/", api.RemindersView.as_view(), name="api_reminders")]
