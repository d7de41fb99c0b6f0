# The day on which a course was entered with its past.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0002_lab_answers_and_limits'),
    ]

    operations = [
        migrations.AddField(
            model_name='course',
            name='transcribed_on',
            field=models.DateField(blank=True, null=True, verbose_name='transcribed on'),
        ),
    ]
