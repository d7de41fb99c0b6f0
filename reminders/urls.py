"""Addresses of the notices."""

from django.urls import path

from reminders import notice_views

urlpatterns = [
    path("notices/", notice_views.notice_list, name="notice_list"),
    path(
        "notices/<int:pk>/acknowledge/", notice_views.notice_acknowledge, name="notice_acknowledge"
    ),
]
