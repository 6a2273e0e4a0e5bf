"""Topics of stories for live updates (common.live.topics): ``story:ID``."""

from uuid import UUID

from django.db.models import CharField, Count, F, Max, OuterRef, Subquery, Sum, Value
from django.db.models.functions import MD5, Cast, Concat

from common.live import hints, topics
from jobs.models import Job
from studio.models import Character, Direction, Scene, Story, Take


def _select_text(rows, *values) -> Subquery:
    """Return the values over all rows as one text."""
    parts = [Cast(value, CharField()) for value in values]
    text = Concat(*parts) if len(parts) > 1 else parts[0]
    return Subquery(rows.order_by().annotate(all=Value(1)).values("all").annotate(text=text).values("text"))


def _select_revs(model, path: str = "story", rev: str = "rev") -> Subquery:
    """Return what changes when a row is added, removed or changed: revisions only grow."""
    return _select_text(model.objects.filter(**{path: OuterRef("pk")}), Sum(F(rev) + 1))


# of a story: changes with all rows that its pages show
REVISION = MD5(
    Concat(
        Cast("rev", CharField()),
        Cast("touched_at", CharField()),
        _select_revs(Scene),
        _select_revs(Character),
        _select_revs(Direction),
        _select_revs(Job, "story_id"),
        _select_revs(Take, "scene__story", "clip__job__rev"),
        _select_text(
            Take.objects.filter(scene__story=OuterRef("pk")), Max("pk"), Count("clip__deleted_at"), Max("stale_since")
        ),
    )
)

STORY_REVISION = Subquery(Story.objects.filter(pk=OuterRef("story")).values(found=REVISION))  # of a row of the story


def list_revisions(ids: list[UUID], viewer) -> dict[UUID, str]:
    rows = Story.objects.filter(pk__in=ids)
    rows = rows.filter(workspace__in=viewer.workspace_ids) if viewer else rows
    return dict(rows.values_list("pk", REVISION))


def name_topic(story: Story) -> str:
    """Return the value of ``data-topics`` for an element that shows a story, which was loaded with ``REVISION`` as
    ``revision`` before the other rows were; or read it now."""
    revision = getattr(story, "revision", None)
    return f"story:{story.pk}.{revision}" if revision else topics.name_topic("story", story.pk)


def hint_story(story: Story) -> None:
    """Say that the story has changed, when the transaction commits. Changes of its jobs say so by themselves."""
    hints.hint_after_commit(hints.workspace_group(story.workspace_id), f"story:{story.pk}")
