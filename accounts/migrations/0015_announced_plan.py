import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0014_usage_without_stories")]

    operations = [
        migrations.RenameField(model_name="subscription", old_name="told_of", new_name="announced_plan"),
        migrations.AlterField(
            model_name="subscription",
            name="announced_plan",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.plan",
                verbose_name="announced plan",
            ),
        ),
    ]
