"""Addresses of the notices."""

from django.urls import path

from reminders import asking_views, due_views, notice_views

urlpatterns = [
    path(
        "courses/<int:pk>/facts/<slug:kind>/<int:fact>/ask/",
        asking_views.fact_ask,
        name="fact_ask",
    ),
    path("due/", due_views.due_for_me, name="due_for_me"),
    path("due/seen/", due_views.due_seen, name="due_seen"),
    path("notices/", notice_views.notice_list, name="notice_list"),
    path(
        "notices/<int:pk>/acknowledge/", notice_views.notice_acknowledge, name="notice_acknowledge"
    ),
]
