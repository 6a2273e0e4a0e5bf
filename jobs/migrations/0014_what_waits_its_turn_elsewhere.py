from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0013_people_sign_with_an_id")]
    operations = [
        migrations.AddField("job", "is_in_line", models.BooleanField(null=True)),
    ]
