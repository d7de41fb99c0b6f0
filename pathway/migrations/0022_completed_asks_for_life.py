"""Courses that were completed before anything outlasted it ask again for what is for life."""

from django.db import migrations

COMPLETED = "completed"


def go_on_for_life(apps, schema_editor):
    """The next sweep lays out what the protocol asks for life; the rest stays cancelled."""
    pauses = apps.get_model("reminders", "PlanPause").objects
    # A completed course has been brought back from every exit: its only step is the completion.
    completed = pauses.filter(course__journey__stage=COMPLETED, cause__startswith="change:")
    completed.update(lasting=True)


class Migration(migrations.Migration):

    dependencies = [
        ('pathway', '0021_told_afterwards'),
        ('reminders', '0020_completed_asks_for_life'),
    ]

    operations = [migrations.RunPython(go_on_for_life, migrations.RunPython.noop)]
