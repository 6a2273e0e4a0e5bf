from django.db import migrations, models


class Migration(migrations.Migration):
    """Index the jobs that retry another, apart from the many that do not."""

    dependencies = [("jobs", "0006_providers_of_holds")]

    operations = [
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("retry_of__isnull", False)), fields=["retry_of"], name="job_retries"
            ),
        ),
    ]
