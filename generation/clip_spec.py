"""What a clip was asked with: as columns of its row, and as the request that an engine reads."""

from generation.models import Clip
from generation.providers.base import ClipRequest, Mode

ASKED = (
    "prompt", "negative_prompt", "style", "provider", "model", "ratio", "resolution", "seconds", "seed", "paint",
    "chips_off", "options",
)  # fmt: skip
LEFT_OUT = "left_out"  # in options: frames at the end of the clip it goes on from that are not shown


def asked_of(clip: Clip) -> dict:
    """Everything a clip was asked with, ready to be asked again."""
    starts = ("picture", "continues", "last_picture", "video", "lays_over", "connection")
    rows = {name: getattr(clip, name) for name in (*ASKED, *starts)}
    return rows | {"references": [each.picture for each in clip.references.select_related("picture")]}


def clip_request(clip: Clip, *, has_references: bool | None = None) -> ClipRequest:
    """The engine's view of a clip's row; its files come later, where a worker draws.

    ``has_references`` for a row that is not saved yet; read from the row otherwise.
    """
    if has_references is None:
        has_references = clip.references.exists()
    return ClipRequest(
        prompt=clip.prompt,
        negative_prompt=clip.negative_prompt,
        ratio=clip.ratio,
        seconds=clip.seconds,
        resolution=clip.resolution,
        seed=clip.seed,
        model=clip.model,
        style=clip.style,
        paint=clip.paint,
        chips_off=frozenset(clip.chips_off),
        options=clip.options,
        mode=mode_of(clip, has_references),
    )


def mode_of(clip: Clip, has_references: bool) -> Mode:
    """What the shot starts from. A last picture makes it first-and-last-frame, whatever else is given."""
    if clip.video_id or clip.lays_over_id:
        return Mode.VIDEO
    if clip.last_picture_id:
        return Mode.FIRST_LAST
    if clip.picture_id or clip.continues_id:
        return Mode.PICTURE
    return Mode.REFERENCES if has_references else Mode.WORDS
