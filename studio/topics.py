"""Topics of stories for live updates (common.live.topics): ``story:ID``."""

from uuid import UUID

from django.db.models import CharField, F, Func

from common.live import hints, topics
from generation.models import Clip
from jobs.models import Job
from studio.models import Character, Direction, Scene, Story, Take

# With Django's own expressions, the SQL of these eight sums takes longer to write than the rest of a page.
# A row that is added, removed or changed changes a sum: revisions only grow.
_SQL = f"""MD5(
    {{rev}} || ' ' || CAST({{touched_at}} AS varchar) || ' '
    || COALESCE((SELECT SUM(rev + 1) FROM {Scene._meta.db_table} WHERE story_id = {{pk}}), 0) || ' '
    || COALESCE((SELECT SUM(rev + 1) FROM {Character._meta.db_table} WHERE story_id = {{pk}}), 0) || ' '
    || COALESCE((SELECT SUM(rev + 1) FROM {Direction._meta.db_table} WHERE story_id = {{pk}}), 0) || ' '
    || COALESCE((SELECT SUM(rev + 1) FROM {Job._meta.db_table} WHERE story_id = {{pk}}), 0) || ' '
    || (SELECT COALESCE(SUM(job.rev + 1), 0) || ' ' || COALESCE(MAX(take.id), 0) || ' ' || COUNT(clip.deleted_at)
            || ' ' || COALESCE(CAST(MAX(take.stale_since) AS varchar), '')
        FROM {Take._meta.db_table} take
        JOIN {Scene._meta.db_table} scene ON scene.id = take.scene_id
        JOIN {Clip._meta.db_table} clip ON clip.id = take.clip_id
        LEFT JOIN {Job._meta.db_table} job ON job.id = clip.job_id
        WHERE scene.story_id = {{pk}}))"""  # noqa: S608 - names of tables and columns


class StoryRevision(Func):
    """A text that changes with all rows that the pages of a story show. ``story``: the path to the story."""

    output_field = CharField()

    def __init__(self, story: str = ""):
        path = f"{story}__" if story else ""
        super().__init__(F(f"{story}_id" if story else "pk"), F(f"{path}rev"), F(f"{path}touched_at"))

    def as_sql(self, compiler, connection, **_):
        pk, rev, touched_at = (compiler.compile(source)[0] for source in self.get_source_expressions())
        return _SQL.format(pk=pk, rev=rev, touched_at=touched_at), []


REVISION = StoryRevision()
STORY_REVISION = StoryRevision("story")  # of a row of the story


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
