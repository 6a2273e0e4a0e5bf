from django.db import migrations, models


class Migration(migrations.Migration):
    """Store messages of jobs as codes. The old texts stay in their columns, under other names in the code."""

    dependencies = [("jobs", "0002_triggers")]
    operations = [
        migrations.AlterField(
            "job",
            "progress_note",
            models.CharField("progress note as text", max_length=60, blank=True, db_column="progress_note"),
        ),
        migrations.RenameField("job", "progress_note", "progress_text"),
        migrations.AlterField(
            "job",
            "error_public",
            models.CharField("error message as text", max_length=500, blank=True, db_column="error_public"),
        ),
        migrations.RenameField("job", "error_public", "error_text"),
        migrations.AddField("job", "progress_message", models.JSONField("progress note", null=True)),
        migrations.AddField("job", "error_message", models.JSONField("error message", null=True)),
    ]
