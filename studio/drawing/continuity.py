"""What a scene starts on that goes on from the one before: the sheet and the worker ask the same question."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from generation.models import Clip
from studio.drawing.takes import get_shown_takes
from studio.models import Scene, Story, Take

START_NOTES = {
    "new_start": gettext_lazy("No earlier scene has a final take to continue from, so this one starts on its own."),
    "other_frame": gettext_lazy(
        "This scene starts on the last frame of the previous scene, not on the first frame chosen for it."
    ),
}


@dataclass(frozen=True)
class Start:
    """``scene`` is the one to go on from, on the last frame of ``clip`` that the film shows, with both None nothing
    is there to go on from; ``is_coming`` that its clip is still being drawn, ``is_missing`` that the creator wants
    nothing drawn without it."""

    scene: Scene | None = None
    clip: Clip | None = None
    is_pending: bool = False
    is_missing: bool = False

    @property
    def is_frame(self) -> bool:
        return self.is_pending or self.clip is not None

    @property
    def left_out(self) -> int:
        """Frames at the end of the clip that are trimmed away: the next scene starts before them."""
        return min(self.scene.trim_out, max(0, self.clip.frames - 1)) if self.scene and self.clip else 0


NO_START = Start()


def find_start(earlier: Iterable[Scene], *, finals: dict, coming: set, stops: bool, lost=frozenset()) -> Start:
    """``earlier`` are the scenes before it, the nearest first. ``finals``: scene id → its final clip; ``coming`` are
    being drawn; ``lost`` could not be drawn just now. One without a final take ends the search where the creator
    wants it to stop there (``stops``), and is passed over otherwise."""
    for scene in earlier:
        if scene.pk in coming:
            return Start(scene, is_pending=True)
        if stops and (scene.pk in lost or scene.pk not in finals):
            return Start(is_missing=True)
        if scene.pk in finals:
            return Start(scene, finals[scene.pk])
    return NO_START


def get_final_clips(story: Story) -> dict:
    """scene id → the final clip that it shows."""
    rows = list(Scene.objects.filter(story=story).exclude(chosen=None).shown().select_related("chosen__clip"))
    lost = [scene for scene in rows if scene.chosen.clip.deleted_at]  # only for these all takes are looked at
    chosen = {scene.pk: scene.chosen for scene in rows} | get_shown_takes(lost)
    finals = {pk: take for pk, take in chosen.items() if take and take.purpose == Take.Purpose.FINAL}
    return {pk: take.clip for pk, take in finals.items() if take.clip.is_ready}
