"""What the report counted of each course, and triggers that say which courses were touched since.

A trigger on every table that `exports/cohort_*sql.py` reads, once a statement: no writer can forget
it, and none asks anything more. A test fails when a statement reads a table without one.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


# How a row of each table leads to its courses.
_OWN = "SELECT DISTINCT x.course_id FROM {rows} x"
_OF_PATIENT = (
    "SELECT DISTINCT c.id FROM {rows} x JOIN patients_course c ON c.patient_id = x.{column}"
)
_OF = "SELECT DISTINCT o.course_id FROM {rows} x JOIN {owner} o ON o.id = x.{column}"
WAYS = {
    "own": _OWN,
    "itself": "SELECT x.id FROM {rows} x",
    "patient": _OF_PATIENT.replace("{column}", "id"),
    "of_patient": _OF_PATIENT.replace("{column}", "patient_id"),
    "of_assessment": _OF.replace("{owner}", "toxicity_assessment").replace(
        "{column}", "assessment_id"
    ),
    "of_grade": (
        "SELECT DISTINCT a.course_id FROM {rows} x "
        "JOIN toxicity_assessmentgrade g ON g.id = x.of_id "
        "JOIN toxicity_assessment a ON a.id = g.assessment_id"
    ),
    "of_product": _OF.replace("{owner}", "pathway_product").replace("{column}", "product_id"),
    "of_attempt": _OF.replace("{owner}", "pathway_apheresisattempt").replace(
        "{column}", "attempt_id"
    ),
    "of_check": _OF.replace("{owner}", "pathway_identitycheck").replace("{column}", "check_of_id"),
}
# Of reminders most changes are of their sending, which nothing counts.
_REMINDERS = (
    "SELECT DISTINCT x.course_id FROM {rows} x JOIN old_rows o ON o.id = x.id WHERE "
    "(x.status, x.done_on, x.window_start, x.window_end, x.provisional, x.unsure, x.made_by, "
    "x.closed_cause, x.item) IS DISTINCT FROM (o.status, o.done_on, o.window_start, o.window_end, "
    "o.provisional, o.unsure, o.made_by, o.closed_cause, o.item)"
)
WATCHED = {
    "own": """
        pathway_journey pathway_change pathway_bridgingcourse pathway_apheresisattempt
        pathway_product pathway_lymphodepletion pathway_dose pathway_meeting pathway_gateentry
        pathway_eligibilityentry pathway_identitycheck patients_anchor patients_diagnosis
        patients_therapyline patients_transplant patients_relapse patients_hold patients_stay
        patients_labresult patients_marrowresult patients_imagingresult patients_csfresult
        patients_caregivercheck patients_consent patients_contactattempt patients_correction
        toxicity_episode toxicity_treatment toxicity_infection toxicity_assessment
        reminders_reminder
    """,
    "itself": "patients_course",
    "patient": "patients_patient",
    "of_patient": "patients_death",
    "of_assessment": "toxicity_assessmentgrade",
    "of_grade": "toxicity_gradereview",
    "of_product": "pathway_administration pathway_oosrecord pathway_certificate pathway_incident",
    "of_attempt": "pathway_collection",
    "of_check": "pathway_identityscan",
}


def _function(name, inserted, updated):
    """A trigger's function: plain statements, so that each is planned once."""
    write = "INSERT INTO exports_touchedcourse (course_id)"
    return f"""
        CREATE FUNCTION exports_touch_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' THEN {write} {inserted.format(rows="old_rows")};
        ELSIF TG_OP = 'UPDATE' THEN {write} {updated.format(rows="new_rows")};
        ELSE {write} {inserted.format(rows="new_rows")}; END IF;
        RETURN NULL; END $$;
    """


def _triggers(table, function):
    seen = {
        "insert": "NEW TABLE AS new_rows",
        "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "delete": "OLD TABLE AS old_rows",
    }
    return "".join(
        f"CREATE TRIGGER exports_touch_{event} AFTER {event.upper()} ON {table} "
        f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION exports_touch_{function}();\n"
        for event, rows in seen.items()
    )


def _all():
    made = [_function(name, way, way) for name, way in WAYS.items()]
    made.append(_function("reminder", _OWN, _REMINDERS))
    for name, tables in WATCHED.items():
        for table in tables.split():
            made.append(_triggers(table, "reminder" if table == "reminders_reminder" else name))
    return "".join(made)


def _none():
    names = [*WAYS, "reminder"]
    return "".join(f"DROP FUNCTION exports_touch_{name}() CASCADE;" for name in names)


class Migration(migrations.Migration):

    dependencies = [
        ('exports', '0002_export_jobs'),
        ('pathway', '0020_what_an_amount_was_counted_as'),
        ('reminders', '0016_tasks_that_repeat'),
        ('toxicity', '0009_first_entries'),
        ('patients', '0012_names_of_laboratories'),
    ]

    operations = [
        migrations.CreateModel(
            name='CountedCourse',
            fields=[
                ('course', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='patients.course')),
                ('rule', models.CharField(max_length=64)),
                ('first_on', models.DateField()),
                ('last_on', models.DateField(blank=True, null=True)),
                ('enrolled', models.BooleanField()),
                ('infused', models.BooleanField()),
                ('known', models.JSONField()),
                ('told', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(null=True), size=None)),
            ],
        ),
        migrations.CreateModel(
            name='TouchedCourse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('course', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='patients.course')),
            ],
        ),
        migrations.RunSQL(_all(), reverse_sql=_none()),
    ]
