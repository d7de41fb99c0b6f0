from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('toxicity', '0006_transfusions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='treatment',
            name='drug',
            field=models.CharField(choices=[('tocilizumab', 'Tocilizumab'), ('dexamethasone', 'Dexamethasone'), ('methylprednisolone', 'Methylprednisolone'), ('other_steroid', 'Another steroid, such as prednisone or hydrocortisone'), ('antipyretic', 'Antipyretic, such as paracetamol'), ('anakinra', 'Anakinra'), ('siltuximab', 'Siltuximab'), ('ruxolitinib', 'Ruxolitinib'), ('levetiracetam', 'Levetiracetam'), ('g_csf', 'G-CSF'), ('immunoglobulin', 'Immunoglobulin'), ('platelets', 'Platelets, transfused'), ('red_cells', 'Red cells, transfused'), ('other', 'Another drug')], max_length=20, verbose_name='drug'),
        ),
    ]
