from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_triggers"),
        ("generation", "0005_prompt_templates"),
        ("jobs", "0004_durations_and_list_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="clip",
            name="request_digest",
            field=models.CharField(editable=False, max_length=64, null=True, verbose_name="digest of the request"),
        ),
        migrations.AddIndex(
            model_name="clip",
            index=models.Index(
                condition=models.Q(("request_digest__isnull", False)),
                fields=["workspace", "request_digest"],
                name="clip_by_request",
            ),
        ),
    ]
