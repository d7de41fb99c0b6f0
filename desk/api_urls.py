"""Addresses of the gathering pages in the API, under /api/v1/."""

from django.urls import path

from desk import api, api_confirming

urlpatterns = [
    path("ward/", api.WardView.as_view(), name="api_ward"),
    path(
        "to-confirm/grades/",
        api_confirming.WaitingGradesView.as_view(),
        name="api_waiting_grades",
    ),
    path(
        "to-confirm/episodes/",
        api_confirming.WaitingEpisodesView.as_view(),
        name="api_waiting_episodes",
    ),
]
