"""What the usage page asks of stories and films: their titles, the seconds of films, and the clips that are kept."""

from django.db.models import Case, F, OuterRef, Subquery, When

from accounts.viewer import Viewer
from generation.models import Clip
from studio import access
from studio.models import Film, Take

FILM_SECONDS = Subquery(
    Film.objects.filter(job=OuterRef("job_id"))
    .exclude(ready_at=None)
    .order_by()
    .annotate(whole_seconds=F("frames") / 24)
    .values("whole_seconds")[:1]
)


def describe_stories(viewer: Viewer, ids: list) -> dict:
    """Return story id → (title, path) of those of the stories that the viewer may see."""
    if not viewer.is_authenticated:
        return {}
    stories = access.visible_stories(viewer).filter(pk__in=ids)
    return {story.pk: (story.title, story.get_absolute_url()) for story in stories}


def find_kept_jobs(workspace, since) -> set:
    """Return the ids of the jobs of clips, finished since then, that a scene shows or a finished film contains.

    A clip with effects keeps the clip below it.
    """
    shown = _find_shown_clips(workspace, since)
    films = Film.objects.shown().filter(story__workspace=workspace, ready_at__gte=since)
    ids = shown.union(*(_list_clips(plan) for plan in films.values_list("plan", flat=True)))
    return _find_jobs(Clip.objects.filter(workspace=workspace, ready_at__gte=since, pk__in=ids))


def list_clip_jobs(film: Film) -> set:
    """Return the ids of the jobs of the clips in the film, and of the clips below their effects."""
    return _find_jobs(Clip.objects.filter(pk__in=_list_clips(film.plan)))


def _find_jobs(clips) -> set:
    return {job for pair in clips.values_list("job_id", "effects_source__job_id") for job in pair if job}


def _list_clips(plan: dict) -> set[str]:
    return {piece["clip"] for piece in plan.get("pieces", ()) if piece.get("clip")}


def _find_shown_clips(workspace, since) -> set[str]:
    """Return the ids of the clips that scenes show, of scenes with a take since then."""
    takes = Take.objects.shown().filter(scene__story__workspace=workspace, scene__deleted_at=None).order_by()
    takes = takes.filter(scene__story__deleted_at=None)
    recent = takes.filter(clip__ready_at__gte=since).values("scene")
    rank = Case(
        When(scene__chosen=F("pk"), then=0),
        When(purpose=Take.Purpose.FINAL, is_new=False, scene__chosen__isnull=False, then=1),
        When(purpose=Take.Purpose.ANIMATIC, then=2),
        default=3,
    )  # as Panel.playing on the storyboard
    rows = takes.filter(scene__in=recent).exclude(clip__ready_at=None).order_by("scene", rank, "-pk")
    shown: dict = {}
    for scene, clip in rows.values_list("scene", "clip"):
        shown.setdefault(scene, str(clip))
    return set(shown.values())
