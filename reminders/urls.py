"""Addresses of reminders and notices."""

from django.urls import path

from reminders import (
    asking_views,
    doing_views,
    due_views,
    hand_task_views,
    notice_views,
    preference_views,
    queue_views,
)
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
    path("courses/<int:pk>/due/", doing_views.course_due, name="course_due"),
    path("courses/<int:pk>/due/task/", hand_task_views.task_new, name="task_new"),
    path("tasks/<int:pk>/correct/", hand_task_views.task_correct, name="task_correct"),
    path("tasks/<int:pk>/skip-rest/", hand_task_views.task_skip_rest, name="task_skip_rest"),
    path("reminders/done/", doing_views.reminders_done, name="reminders_done"),
    path("reminders/<int:pk>/done/", doing_views.reminder_done, name="reminder_done"),
    path("reminders/<int:pk>/awaited/", doing_views.reminder_awaited, name="reminder_awaited"),
    path("reminders/<int:pk>/skip/", doing_views.reminder_skip, name="reminder_skip"),
    path("reminders/<int:pk>/snooze/", doing_views.reminder_snooze, name="reminder_snooze"),
    path("reminders/<int:pk>/reopen/", doing_views.reminder_reopen, name="reminder_reopen"),
    path("notices/", notice_views.notice_list, name="notice_list"),
    path(
        "notices/<int:pk>/acknowledge/", notice_views.notice_acknowledge, name="notice_acknowledge"
    ),
]
