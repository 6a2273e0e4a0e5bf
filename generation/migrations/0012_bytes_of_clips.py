from django.db import migrations, models
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce


def sum_files(apps, schema_editor):
    clips, files = apps.get_model("generation", "Clip"), apps.get_model("generation", "ClipFile")
    sums = files.objects.filter(clip=OuterRef("pk")).order_by().values("clip").annotate(total=Sum("bytes"))
    clips.objects.update(bytes=Coalesce(Subquery(sums.values("total")), 0))


class Migration(migrations.Migration):
    dependencies = [("generation", "0011_style_words")]

    operations = [
        migrations.AddField(
            model_name="clip",
            name="bytes",
            field=models.BigIntegerField(db_default=0, default=0, editable=False, verbose_name="bytes of its files"),
        ),
        migrations.AddIndex(
            model_name="clip",
            index=models.Index(fields=["workspace", "deleted_at", "bytes"], name="clip_by_bytes"),
        ),
        migrations.RunPython(sum_files, migrations.RunPython.noop),
    ]
