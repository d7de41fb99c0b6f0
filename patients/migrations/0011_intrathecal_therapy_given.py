from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0010_reason_of_another_plan'),
    ]

    operations = [
        migrations.AddField(
            model_name='csfresult',
            name='intrathecal',
            field=models.BooleanField(blank=True, null=True, verbose_name='intrathecal therapy given'),
        ),
    ]
