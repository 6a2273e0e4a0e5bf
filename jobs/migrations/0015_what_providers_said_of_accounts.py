import re

from django.db import migrations

TOLD = re.compile(r"(?<=[.。]) ?\(.*\)(?= ?[^()]+$)", re.S)  # between two sentences of the studio's own


def forget(apps, schema_editor):
    """What a language model's server said was kept for all to read who may see the story, also where it named the
    account, its key or what stands before it. The studio's own words about it stay."""
    ended = apps.get_model("jobs", "Job").objects.filter(kind="director", error_public__contains="(")
    for job in ended.only("pk", "error_public").iterator():
        ended.filter(pk=job.pk).update(error_public=TOLD.sub("", job.error_public))


class Migration(migrations.Migration):
    dependencies = [("jobs", "0014_what_waits_its_turn_elsewhere")]
    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
