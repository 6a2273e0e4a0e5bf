from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("gallery", "0008_index_works_by_kind")]

    operations = [migrations.AddField("work", "text_changed_at", models.DateTimeField(null=True))]
