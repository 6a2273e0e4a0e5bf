"""Find what a continued scene starts on. The quote and the worker use the same rule."""

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
    """The start of a continued scene: the last shown frame of ``clip``, a take of ``scene``.

    ``is_pending``: the clip is still being drawn. ``is_missing``: there is none, and the run must stop there.
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
        """Return how many frames at the end of the clip are trimmed. The next scene starts before them."""
        return min(self.scene.trim_out, max(0, self.clip.frames - 1)) if self.scene and self.clip else 0


NO_START = Start()


def find_start(earlier: Iterable[Scene], *, finals: dict, pending: set, stops: bool, failed=frozenset()) -> Start:
    """Return the start of a scene.

    ``earlier``: the scenes before it, nearest first. ``finals``: scene id → final clip. ``pending``: scenes being
    drawn. ``failed``: scenes that just failed. A scene without a final take ends the search if ``stops`` and is skipped
    otherwise.
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
    """Return scene id → the final clip that the scene shows."""
    rows = list(Scene.objects.filter(story=story).exclude(chosen=None).shown().select_related("chosen__clip"))
    deleted = [scene for scene in rows if scene.chosen.clip.deleted_at]  # only these need all their takes
    chosen = {scene.pk: scene.chosen for scene in rows} | get_shown_takes(deleted)
    finals = {pk: take for pk, take in chosen.items() if take and take.purpose == Take.Purpose.FINAL}
    return {pk: take.clip for pk, take in finals.items() if take.clip.is_ready}
