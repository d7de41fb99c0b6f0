"""Addresses of reminders in the API, under /api/v1/."""

from django.urls import path

from reminders import (
    api,
    api_asking,
    api_doing,
    api_due,
    api_hand_tasks,
    api_looking,
    api_notices,
    api_preferences,
    api_queue,
)

urlpatterns = [
    path(
        "courses/<int:pk>/facts/<slug:kind>/<int:fact>/ask/",
        api_asking.AskingView.as_view(),
        name="api_fact_ask",
    ),
    path("courses/<int:pk>/tasks/", api_hand_tasks.TasksView.as_view(), name="api_tasks"),
    path(
        "tasks/<int:pk>/correct/",
        api_hand_tasks.TaskCorrectionView.as_view(),
        name="api_task_correct",
    ),
    path(
        "tasks/<int:pk>/skip-rest/",
        api_hand_tasks.SkipRestView.as_view(),
        name="api_task_skip_rest",
    ),
    path("reminders/", api.RemindersView.as_view(), name="api_reminders"),
    path("reminders/mine/", api_due.DueForMeView.as_view(), name="api_due_for_me"),
    path("reminders/mine/seen/", api_due.SeenView.as_view(), name="api_due_seen"),
    path("me/sending/", api_preferences.WishesView.as_view(), name="api_sending_preferences"),
    path("queue/", api_queue.QueueView.as_view(), name="api_queue"),
    path(
        "queue/dispatches/<int:pk>/retry/",
        api_queue.DispatchRetryView.as_view(),
        name="api_queue_dispatch_retry",
    ),
    path(
        "queue/digests/<int:pk>/retry/",
        api_queue.DigestRetryView.as_view(),
        name="api_queue_digest_retry",
    ),
    path("reminders/<int:pk>/look/", api_looking.LookView.as_view(), name="api_reminder_look"),
    path("reminders/<int:pk>/done/", api_doing.DoneView.as_view(), name="api_reminder_done"),
    path(
        "reminders/<int:pk>/awaited/",
        api_doing.AwaitedView.as_view(),
        name="api_reminder_awaited",
    ),
    path("reminders/<int:pk>/skip/", api_doing.SkipView.as_view(), name="api_reminder_skip"),
    path("reminders/<int:pk>/snooze/", api_doing.SnoozeView.as_view(), name="api_reminder_snooze"),
    path("reminders/<int:pk>/reopen/", api_doing.ReopenView.as_view(), name="api_reminder_reopen"),
    path("notices/", api_notices.NoticesView.as_view(), name="api_notices"),
    path(
        "notices/<int:pk>/acknowledge/",
        api_notices.AcknowledgementView.as_view(),
        name="api_notice_acknowledge",
    ),
]
