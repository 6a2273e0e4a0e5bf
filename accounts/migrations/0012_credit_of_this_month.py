from django.db import migrations
from django.db.models import OuterRef, Subquery


def set_month_credit(apps, schema_editor):
    """Record what the current month of each subscription gave: the credit of its plan."""
    plans, subscriptions = apps.get_model("accounts", "Plan"), apps.get_model("accounts", "Subscription")
    credit = plans.objects.filter(pk=OuterRef("plan")).values("monthly_grant")
    subscriptions.objects.exclude(granted_until=None).update(month_credit=Subquery(credit))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_freezes_and_partial_refunds")]

    operations = [migrations.RunPython(set_month_credit, migrations.RunPython.noop)]
