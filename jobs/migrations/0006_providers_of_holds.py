from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce


def fill_providers(apps, schema_editor):
    """Write provider and requester of the job into holds from before these columns existed, for figures of usage."""
    holds, jobs = apps.get_model("accounts", "Hold"), apps.get_model("jobs", "Job")
    own = jobs.objects.filter(pk=OuterRef("job_id")).order_by()
    rows = holds.objects.filter(price=None, provider="", member_id=None)
    provider, member = Subquery(own.values("provider")[:1]), Subquery(own.values("created_by_id")[:1])
    rows.update(provider=Coalesce(provider, "provider"), member_id=member)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0005_payer"), ("accounts", "0008_ended_holds")]

    operations = [migrations.RunPython(fill_providers, migrations.RunPython.noop)]
