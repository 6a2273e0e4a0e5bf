from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

BATCH = 1000  # jobs of one statement, each in its own transaction


def fill_stories(apps, schema_editor):
    """Write the story into the jobs of clips, films, runs and the director.

    The jobs of a clip that several stories show, since one was duplicated, are those of the story that showed it first.
    May be repeated after a failure halfway.
    """
    jobs = apps.get_model("jobs", "Job")
    story = Coalesce(*(Subquery(rows) for rows in list_owners(apps)))
    last = None
    while ids := list_next(jobs, last):
        jobs.objects.filter(pk__in=ids, story_id=None).update(story_id=story)
        last = ids[-1]


def list_next(jobs, last) -> list:
    rows = jobs.objects.order_by("pk").values_list("pk", flat=True)
    return list((rows if last is None else rows.filter(pk__gt=last))[:BATCH])


def list_owners(apps):
    """Return queries of the story of the outer job, which is in the workspace of the job."""
    take = apps.get_model("studio", "Take").objects
    yield (
        take.filter(clip__job=OuterRef("pk"), scene__story__workspace=OuterRef("workspace"))
        .order_by("pk")
        .values("scene__story_id")[:1]
    )
    for name in ("Film", "Run", "Direction"):
        rows = apps.get_model("studio", name).objects
        yield (
            rows.filter(job=OuterRef("pk"), story__workspace=OuterRef("workspace"))
            .order_by("pk")
            .values("story_id")[:1]
        )
    # also of earlier steps of the director, and of clips whose scene was deleted
    yield apps.get_model("accounts", "Hold").objects.filter(job_id=OuterRef("pk")).order_by().values("story_id")[:1]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("studio", "0008_films_sprite_tiles"),
        ("jobs", "0008_story_of_jobs"),
        ("accounts", "0015_announced_plan"),
    ]

    operations = [migrations.RunPython(fill_stories, migrations.RunPython.noop)]
