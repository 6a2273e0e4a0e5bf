import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0009_prompt_rewrites")]

    operations = [
        migrations.AddField(
            model_name="promptrewrite",
            name="picture",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="generation.picture",
            ),
        ),
        migrations.AlterField(
            model_name="promptrewrite",
            name="task",
            field=models.CharField(
                choices=[
                    ("improve", "Rewrite"),
                    ("vary", "Variation"),
                    ("translate", "Translation"),
                    ("describe", "Description of an image"),
                ],
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="promptrewrite", name="text", field=models.CharField(blank=True, max_length=2000)
        ),
    ]
