from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0012_bytes_of_clips")]

    operations = [
        migrations.AddField(
            model_name="picture",
            name="is_layout",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
