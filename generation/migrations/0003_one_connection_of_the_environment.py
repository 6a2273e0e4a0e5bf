from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0002_connections_and_what_clips_start_from")]

    operations = [
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.UniqueConstraint(
                fields=["provider"],
                condition=models.Q(("deleted_at", None), ("environment", True)),
                name="one_connection_of_the_environment",
            ),
        ),
    ]
