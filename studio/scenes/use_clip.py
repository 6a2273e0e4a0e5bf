"""Use an existing clip in a story, as a new scene or as a take of a scene."""

from django.db import transaction

from generation.models import Clip
from generation.providers.styles import NAMES as STYLES
from jobs.models import Job
from studio.errors import SceneLocked, TakeNotReady
from studio.models import Scene, Story, Take
from studio.scenes.edits import write_scene
from studio.scenes.services import add_scene
from studio.stories.services import create_story
from studio.timeline import order
from studio.timeline.scenes import get_recipe, load_scenes

MAX_SECONDS = 60  # of a scene


def can_use_clip(clip: Clip) -> bool:
    """Return whether a scene can show the clip, now or when it is ready."""
    return not clip.deleted_at and (clip.is_ready or clip.job.is_active)


@transaction.atomic
def use_clip(*, clip: Clip, by, story: Story | None = None, scene: Scene | None = None) -> Scene:
    """Show the clip in ``scene``, in a new scene at the end of ``story``, or in the first scene of a new story.

    The clip is neither copied nor drawn again. An unfinished clip is shown once it is ready. Returns the scene. Raises
    TakeNotReady if the clip failed or is in the trash, SceneLocked if the scene is locked.
    """
    clip = Clip.objects.select_for_update(of=("self",), no_key=True).select_related("job", "workspace").get(pk=clip.pk)
    if not can_use_clip(clip):
        raise TakeNotReady
    if scene is None:
        story = story or create_story(
            workspace=clip.workspace, by=by, title=clip.title, ratio=clip.ratio, style=_get_style(clip), resolution=720
        )
        scene = add_scene(story=story, by=by, **_get_scene_values(clip, story))
    locked = order.lock_scene_row(scene.pk)
    if locked.story.workspace_id != clip.workspace_id:
        raise TakeNotReady
    if locked.is_locked:
        raise SceneLocked
    _add_take(clip, locked, by)
    order.touch_story(locked.story)
    return locked


def _add_take(clip: Clip, scene: Scene, by) -> None:
    loaded = load_scenes(scene.story, pk=scene.pk)
    purpose = Take.Purpose.ANIMATIC if _is_animatic(clip) else Take.Purpose.FINAL
    recipe = get_recipe(loaded[0], purpose) if loaded else ""
    take, _is_new = Take.objects.get_or_create(scene=scene, clip=clip, defaults={"purpose": purpose, "recipe": recipe})
    Job.objects.filter(pk=clip.job_id, story_id=None).update(story_id=scene.story_id)
    if clip.is_ready:
        write_scene(scene, by, {"chosen": take.pk})


def _is_animatic(clip: Clip) -> bool:
    """Return whether the clip is an animatic of any scene, so that it does not count as final in other scenes."""
    return clip.scene_takes.filter(purpose=Take.Purpose.ANIMATIC).exists()


def _get_style(clip: Clip) -> str:
    return clip.style if clip.style in STYLES else Story.style.field.default


def _get_scene_values(clip: Clip, story: Story) -> dict:
    style = _get_style(clip)
    return {
        "prompt": clip.prompt or clip.title,
        "negative_prompt": clip.negative_prompt,
        "seconds": min(MAX_SECONDS, max(1, clip.seconds)),
        "style": "" if style == story.style else style,
    }
