"""Find the frame on which a continued scene starts, by the same rule for quotes and the worker."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy

from generation.models import Clip
from studio.models import Scene, Story, Take
from studio.timeline.takes import get_shown_takes

START_NOTES = {
    "new_start": gettext_lazy("No earlier scene has a final take to continue from, so this one starts on its own."),
    "other_frame": gettext_lazy(
        "This scene starts on the last frame of the previous scene, not on the first frame chosen for it."
    ),
}


@dataclass(frozen=True)
class Start:
    """The start of a continued scene: the last frame that the film shows of ``clip``, a take of ``scene``.

    ``is_pending``: the clip is still being drawn. ``is_missing``: there is no clip, so the scene must not be drawn.
    """

    scene: Scene | None = None
    clip: Clip | None = None
    is_pending: bool = False
    is_missing: bool = False

    @property
    def is_frame(self) -> bool:
        return self.is_pending or self.clip is not None

    @property
    def left_out(self) -> int:
        """Return how many frames at the end of the clip are trimmed; the next scene starts on the frame before them."""
        return min(self.scene.trim_out, max(0, self.clip.frames - 1)) if self.scene and self.clip else 0


NO_START = Start()


def find_start(earlier: Iterable[Scene], *, finals: dict, pending: set, stops: bool, failed=frozenset()) -> Start:
    """Return the start of a continued scene; NO_START if there is no clip to continue.

    ``earlier``: the scenes before it, nearest first. ``finals``: scene id → final clip. ``pending``, ``failed``: ids of
    scenes that are being drawn or just failed. With ``stops``, a scene without a final take ends the search; otherwise
    it is skipped.
    """
    for scene in earlier:
        if scene.pk in pending:
            return Start(scene, is_pending=True)
        if stops and (scene.pk in failed or scene.pk not in finals):
            return Start(is_missing=True)
        if scene.pk in finals:
            return Start(scene, finals[scene.pk])
    return NO_START


def get_final_clips(story: Story) -> dict:
    """Return scene id → final clip on which a following scene starts: the newest new take or, if the scene has none
    or is locked, the final take that somebody chose.
    """
    rows = list(Scene.objects.filter(story=story).exclude(chosen=None).shown().select_related("chosen__clip"))
    deleted = [scene for scene in rows if scene.chosen.clip.deleted_at]  # only these may show another take
    chosen = {scene.pk: scene.chosen for scene in rows} | get_shown_takes(deleted)
    finals = {pk: take for pk, take in chosen.items() if take and take.purpose == Take.Purpose.FINAL}
    usable = Q(scene__is_locked=False) | Q(scene__chosen=None)
    new = Take.objects.filter(usable, scene__story=story, is_new=True).shown().exclude(clip__ready_at=None)
    finals |= {take.scene_id: take for take in new.select_related("clip").order_by("pk")}
    return {pk: take.clip for pk, take in finals.items() if take.clip.is_ready}
