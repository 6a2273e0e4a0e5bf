from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0010_take_is_new"),
    ]

    operations = [
        migrations.AddField(
            model_name="scene",
            name="staging",
            field=models.JSONField(blank=True, default=None, null=True),
        ),
    ]
