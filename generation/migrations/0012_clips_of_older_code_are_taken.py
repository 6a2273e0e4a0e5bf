from django.db import migrations, models


class Migration(migrations.Migration):
    """0010 is out already, and left its column without a default of the database's own: code of before it, which runs
    on beside a renewed database until all machines are renewed, could make no clip."""

    dependencies = [("generation", "0011_keys_of_the_environment_are_known_again")]
    operations = [
        migrations.AlterField(
            model_name="clip",
            name="has_lost_start",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="something that it begins with was removed for good: it cannot be asked for again",
            ),
        ),
    ]
