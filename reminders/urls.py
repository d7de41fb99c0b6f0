"""Addresses of the notices."""

from django.urls import path

from reminders import asking_views, due_views, notice_views, preference_views, queue_views
from reminders.queue import DIGEST, DISPATCH

urlpatterns = [
    path(
        "courses/<int:pk>/facts/<slug:kind>/<int:fact>/ask/",
        asking_views.fact_ask,
        name="fact_ask",
    ),
    path("due/", due_views.due_for_me, name="due_for_me"),
    path("due/seen/", due_views.due_seen, name="due_seen"),
    path("due/preferences/", preference_views.sending_preferences, name="sending_preferences"),
    path("queue/", queue_views.queue_page, name="queue"),
    path(
        "queue/dispatches/<int:pk>/retry/",
        queue_views.queue_retry,
        {"kind": DISPATCH},
        name="queue_dispatch_retry",
    ),
    path(
        "queue/digests/<int:pk>/retry/",
        queue_views.queue_retry,
        {"kind": DIGEST},
        name="queue_digest_retry",
    ),
    path("notices/", notice_views.notice_list, name="notice_list"),
    path(
        "notices/<int:pk>/acknowledge/", notice_views.notice_acknowledge, name="notice_acknowledge"
    ),
]
