from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep the id of its story with each job. A migration of the studio fills it for earlier jobs."""

    dependencies = [("jobs", "0007_index_of_retries")]

    operations = [
        migrations.AddField("job", "story_id", models.UUIDField("story", null=True)),
        migrations.AddIndex(
            "job",
            models.Index(
                fields=["story_id", "-created_at", "-id"],
                condition=models.Q(("story_id__isnull", False)),
                name="job_by_story",
            ),
        ),
    ]
