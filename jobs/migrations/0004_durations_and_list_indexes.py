from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Store what decides how long a job takes, and index what the list of jobs filters by."""

    dependencies = [
        ("accounts", "0002_triggers"),
        ("jobs", "0003_messages_as_codes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="resolution",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="resolution"),
        ),
        migrations.AddField(
            model_name="job",
            name="seconds",
            field=models.PositiveIntegerField(null=True, verbose_name="seconds of video"),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", False)), fields=["-finished_at"], name="job_finished"
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                fields=["workspace", "state", "-created_at", "-id"],
                condition=models.Q(("deleted_at", None)),
                name="job_by_state",
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                fields=["workspace", "provider", "-created_at", "-id"],
                condition=models.Q(("deleted_at", None)),
                name="job_by_provider",
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                fields=["workspace", "kind", "-created_at", "-id"],
                condition=models.Q(("deleted_at", None)),
                name="job_by_kind",
            ),
        ),
    ]
