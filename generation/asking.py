"""What a clip was asked with: as columns of its row, and as the request that an engine reads."""

from generation.models import Clip
from generation.providers.base import ClipRequest, Mode

ASKED = (
    "prompt", "negative_prompt", "style", "provider", "model", "ratio", "resolution", "seconds", "seed", "paint",
    "chips_off", "options",
)  # fmt: skip


def asked_of(clip: Clip) -> dict:
    """Everything a clip was asked with, ready to be asked again."""
    return {name: getattr(clip, name) for name in (*ASKED, "picture", "continues")}


def clip_request(clip: Clip) -> ClipRequest:
    """The engine's view of a clip's row; its files come later, where a worker draws."""
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
        mode=Mode.PICTURE if clip.picture_id or clip.continues_id else Mode.WORDS,
    )
