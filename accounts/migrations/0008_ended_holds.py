from django.db import migrations
from django.db.models import Max, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce


def fill_ends(apps, schema_editor):
    """Say of holds that were closed before these columns existed when that was, and what was charged."""
    holds, entries = apps.get_model("accounts", "Hold"), apps.get_model("accounts", "Entry")
    own = entries.objects.filter(job_id=OuterRef("job_id")).order_by().values("job_id")
    ended = own.filter(kind__in=["settle", "release"]).annotate(value=Max("at")).values("value")
    charged = own.filter(kind="settle", bucket="spent").annotate(value=Sum("amount")).values("value")
    rows = holds.objects.exclude(state="held").filter(closed_at=None)
    rows.update(closed_at=Coalesce(Subquery(ended), "created_at"), charged=Coalesce(Subquery(charged), Value(0)))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_usage_days")]

    operations = [migrations.RunPython(fill_ends, migrations.RunPython.noop)]
