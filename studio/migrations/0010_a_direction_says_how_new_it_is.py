from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studio", "0009_a_character_knows_when_its_looks_changed")]
    operations = [migrations.AddField("direction", "rev", models.PositiveIntegerField(db_default=1, default=1))]
