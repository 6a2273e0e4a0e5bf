import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Sum

FIGURES = ("jobs", "failed", "clips", "clip_seconds", "films", "film_seconds", "charged", "paid")
KEYS = ("wallet_id", "day", "payer", "price_currency", "story_id")


def copy_stories(apps, schema_editor):
    """Sum the usage of each story on each day, so that pages need not read the rows of all providers and members."""
    old, new = apps.get_model("accounts", "UsageDay"), apps.get_model("accounts", "StoryDay")
    for day in old.objects.order_by("day").values_list("day", flat=True).distinct():
        rows = old.objects.filter(day=day, jobs__gt=0).order_by().values(*KEYS)
        rows = rows.annotate(**{f"sum_{name}": Sum(name) for name in FIGURES})
        new.objects.bulk_create(
            [new(**{key: row[key] for key in KEYS}, **{name: row[f"sum_{name}"] for name in FIGURES}) for row in rows],
            batch_size=500,
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0012_credit_of_this_month")]

    operations = [
        migrations.AlterField(
            model_name="usageday",
            name="wallet",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.wallet",
                verbose_name="wallet",
            ),
        ),
        migrations.CreateModel(
            name="StoryDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                (
                    "payer",
                    models.CharField(
                        choices=[("site", "the site"), ("own", "own account")], max_length=4, verbose_name="payer"
                    ),
                ),
                ("price_currency", models.CharField(blank=True, max_length=3, verbose_name="currency of the price")),
                ("jobs", models.PositiveIntegerField(default=0, verbose_name="jobs")),
                ("failed", models.PositiveIntegerField(default=0, verbose_name="failed jobs")),
                ("clips", models.PositiveIntegerField(default=0, verbose_name="clips")),
                ("clip_seconds", models.PositiveBigIntegerField(default=0, verbose_name="seconds of clips")),
                ("films", models.PositiveIntegerField(default=0, verbose_name="films")),
                ("film_seconds", models.PositiveBigIntegerField(default=0, verbose_name="seconds of films")),
                ("charged", models.BigIntegerField(default=0, verbose_name="charged")),
                ("paid", models.BigIntegerField(default=0, verbose_name="charged in the provider’s currency")),
                ("story_id", models.UUIDField(null=True, verbose_name="story")),
                (
                    "wallet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.wallet",
                        verbose_name="wallet",
                    ),
                ),
            ],
            options={
                "verbose_name": "usage of a story on a day",
                "verbose_name_plural": "usage of stories on days",
                "indexes": [models.Index(fields=["wallet", "day"], name="story_usage_by_wallet")],
            },
        ),
        migrations.RunPython(copy_stories, migrations.RunPython.noop),
    ]
