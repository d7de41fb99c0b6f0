"""Addresses of the gathering pages in the API, under /api/v1/."""

from django.urls import path

from desk import api

urlpatterns = [path("ward/", api.WardView.as_view(), name="api_ward")]
