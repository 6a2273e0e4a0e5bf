from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0009_story_of_jobs"),
    ]

    operations = [
        migrations.AddField(
            model_name="take",
            name="is_new",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
