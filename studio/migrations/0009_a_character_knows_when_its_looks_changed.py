from django.db import migrations, models
from django.db.models import Max


def as_before(apps, schema_editor):
    """Of takes that are out of date already only one who changed was written down: as before, they count for everybody
    who appears in their scene."""
    Character = apps.get_model("studio", "Character")
    stale = Character.objects.filter(parts__scene__takes__stale_since__isnull=False)
    for pk, at in stale.annotate(at=Max("parts__scene__takes__stale_since")).values_list("pk", "at"):
        Character.objects.filter(pk=pk).update(looks_changed_at=at)


class Migration(migrations.Migration):
    dependencies = [("studio", "0008_a_shot_says_why_in_full")]
    operations = [
        migrations.AddField("character", "looks_changed_at", models.DateTimeField(editable=False, null=True)),
        migrations.RunPython(as_before, migrations.RunPython.noop),
    ]
