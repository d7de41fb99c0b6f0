"""Whose task a reminder is says whether it shows the patient: another role touches the course."""

from django.db import migrations

_COUNTED = (
    "status", "done_on", "window_start", "window_end", "provisional", "unsure", "made_by",
    "closed_cause", "item",
)  # fmt: skip


def _function(*columns):
    write = "INSERT INTO exports_touchedcourse (course_id) SELECT DISTINCT x.course_id FROM"
    now, before = (", ".join(f"{row}.{name}" for name in columns) for row in "xo")
    return f"""
        CREATE OR REPLACE FUNCTION exports_touch_reminder() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
        IF TG_OP = 'DELETE' THEN {write} old_rows x;
        ELSIF TG_OP = 'UPDATE' THEN {write} new_rows x JOIN old_rows o ON o.id = x.id
            WHERE ({now}) IS DISTINCT FROM ({before});
        ELSE {write} new_rows x; END IF;
        RETURN NULL; END $$;
    """


class Migration(migrations.Migration):

    dependencies = [("exports", "0005_counted_by_code")]

    operations = [
        migrations.RunSQL(_function(*_COUNTED, "role"), reverse_sql=_function(*_COUNTED))
    ]
