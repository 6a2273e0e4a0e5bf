from django.db import migrations
from django.db.models import Sum

FIGURES = ("jobs", "failed", "clips", "clip_seconds", "films", "film_seconds", "charged", "paid", "written_off")
KEYS = ("wallet_id", "day", "payer", "price_currency", "provider", "member_id")


def merge_rows(apps, schema_editor):
    """Merge the rows that differed only in their story."""
    days = apps.get_model("accounts", "UsageDay").objects
    for day in days.order_by("day").values_list("day", flat=True).distinct():
        rows = days.filter(day=day).order_by().values(*KEYS)
        sums = list(rows.annotate(**{f"sum_{name}": Sum(name) for name in FIGURES}))
        days.filter(day=day).delete()
        days.bulk_create(
            [
                days.model(**{key: row[key] for key in KEYS}, **{name: row[f"sum_{name}"] for name in FIGURES})
                for row in sums
            ],
            batch_size=500,
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_usage_by_story")]

    operations = [
        migrations.RemoveField(model_name="usageday", name="story_id"),
        migrations.RunPython(merge_rows, migrations.RunPython.noop),
    ]
