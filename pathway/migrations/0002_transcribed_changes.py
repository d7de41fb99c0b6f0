# Changes that happened before Percorso, and how well the time of a change is known.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pathway', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='change',
            name='precision',
            field=models.CharField(choices=[('minute', 'to the minute'), ('day', 'to the day'), ('unknown', 'not known')], default='minute', max_length=8),
        ),
        migrations.AddField(
            model_name='change',
            name='transcribed',
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.CheckConstraint(condition=models.Q(('precision__in', ['minute', 'day', 'unknown'])), name='change_precision_known'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.CheckConstraint(condition=models.Q(('transcribed', True), models.Q(('precision', 'unknown'), _negated=True), _connector='OR'), name='change_dated_unless_transcribed'),
        ),
    ]
