"""Addresses of the API's sign-in, under /api/v1/."""

from django.urls import path

from accounts import api

urlpatterns = [
    path("auth/token/", api.TokenView.as_view(), name="api_token"),
    path("auth/logout/", api.SignOutView.as_view(), name="api_logout"),
]
