"""What happens to one course of a patient touches the others: a further infusion ends counting."""

from django.db import migrations

_SIBLINGS = (
    "SELECT DISTINCT o.id FROM {rows} x JOIN patients_course c ON c.id = x.{column} "
    "JOIN patients_course o ON o.patient_id = c.patient_id"
)
_OWN = "SELECT DISTINCT x.course_id FROM {rows} x"


def _function(name, way):
    write = "INSERT INTO exports_touchedcourse (course_id)"
    return f"""
        CREATE OR REPLACE FUNCTION exports_touch_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
        IF TG_OP = 'DELETE' THEN {write} {way.format(rows="old_rows")};
        ELSE {write} {way.format(rows="new_rows")}; END IF;
        RETURN NULL; END $$;
    """


def _triggers(function):
    seen = {
        "insert": "NEW TABLE AS new_rows",
        "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "delete": "OLD TABLE AS old_rows",
    }
    return "".join(
        f"CREATE OR REPLACE TRIGGER exports_touch_{event} AFTER {event.upper()} "
        f"ON patients_anchor REFERENCING {rows} FOR EACH STATEMENT "
        f"EXECUTE FUNCTION exports_touch_{function}();\n"
        for event, rows in seen.items()
    )


class Migration(migrations.Migration):

    dependencies = [("exports", "0003_counted_courses")]

    operations = [
        migrations.RunSQL(
            _function("itself", _SIBLINGS.replace("{column}", "id"))
            + _function("siblings", _SIBLINGS.replace("{column}", "course_id"))
            + _triggers("siblings"),
            reverse_sql=_function("itself", "SELECT x.id FROM {rows} x") + _triggers("own"),
        )
    ]
