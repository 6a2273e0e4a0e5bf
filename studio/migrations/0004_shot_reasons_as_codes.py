from django.db import migrations, models


class Migration(migrations.Migration):
    """Store reasons of shots as codes. The old texts stay in their column, under another name in the code."""

    dependencies = [("studio", "0003_films_of_runs"), ("jobs", "0003_messages_as_codes")]
    operations = [
        migrations.AlterField("shot", "reason", models.CharField(max_length=500, blank=True, db_column="reason")),
        migrations.RenameField("shot", "reason", "reason_text"),
        migrations.AddField("shot", "reason_message", models.JSONField(null=True)),
    ]
