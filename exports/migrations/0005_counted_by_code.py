"""What is kept of a course by codes of its protocol: items, delays, the reason of an end."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("exports", "0004_siblings_touched")]

    operations = [
        migrations.AddField(
            model_name="countedcourse",
            name="apart",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), default=list, size=None
            ),
        ),
    ]
