"""What waited before the calendar asked each row as what to show it is shown as it was."""

from django.db import migrations

SHOWN = {"CNS_IT": "lumbar_puncture", "VISIT": "visit"}


def show_as_before(apps, schema_editor):
    """By the beginning of its code; where a protocol says otherwise, the next sweep does too."""
    reminders = apps.get_model("reminders", "Reminder").objects
    for beginning, kind in SHOWN.items():
        rows = reminders.filter(made_by="", shown_as="", item__startswith=beginning)
        rows.update(shown_as=kind)


class Migration(migrations.Migration):

    dependencies = [
        ('reminders', '0018_told_to_calendars'),
    ]

    operations = [migrations.RunPython(show_as_before, migrations.RunPython.noop)]
