from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studio", "0010_a_direction_says_how_new_it_is")]
    operations = [
        migrations.AddField(
            "shot", "terms", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)
        ),
    ]
