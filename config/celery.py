"""The Celery application and the whole rhythm of the system on one page.

Messages carry no names and no clinical values, at most integer keys. Nothing depends on Redis
keeping anything: what is due is a row, and each tick goes and looks.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("percorso")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    timezone="UTC",
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=120,
    task_soft_time_limit=90,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=500,
    worker_soft_shutdown_timeout=20,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 600,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 1,
        "socket_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 25,
        "max_retries": 2,
    },
    task_publish_retry_policy={
        "max_retries": 2,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 0.2,
    },
    beat_schedule={
        # Sends what is due, plans what has come within the horizon, and shows that all is alive.
        "sweep": {"task": "reminders.sweep", "schedule": 60.0, "options": {"expires": 55}},
        # Sends the digests whose hour has come; apart, for a mail server that hangs.
        "mail": {"task": "reminders.mail", "schedule": 60.0, "options": {"expires": 55}},
        # Tells of products that have passed their date.
        "expiry": {"task": "pathway.expiry", "schedule": 900.0, "options": {"expires": 850}},
        # Makes the files that people asked for: looked for often, since somebody waits for them.
        "exports": {"task": "exports.build", "schedule": 5.0, "options": {"expires": 4}},
        # Counts for the cohort report what has changed, before anybody asks for it.
        "counting": {"task": "exports.count", "schedule": 300.0, "options": {"expires": 290}},
        # Deletes the files whose time is over.
        "export_expiry": {"task": "exports.expire", "schedule": 300.0, "options": {"expires": 290}},
    },
)
app.autodiscover_tasks()
