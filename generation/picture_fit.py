"""Check the pictures of a ClipSpec against what a model accepts, before anything is reserved."""

from collections.abc import Iterator
from pathlib import PurePath

from generation.clip_spec import ClipSpec
from generation.models import Clip, Picture
from generation.providers.base import Capability, Provider
from generation.providers.image_limits import Violation, find_violation

FORMATS = {".jpg": "jpeg", ".png": "png", ".webp": "webp"}  # by the suffix of stored pictures (services/uploads.py)


def list_pictures(spec: ClipSpec) -> Iterator[tuple[str, Picture | Clip]]:
    """Yield (field, row) of each picture that the provider receives, and of the clip whose last frame it receives."""
    for field in ("picture", "continues", "last_picture"):
        if row := getattr(spec, field):
            yield field, row
    for picture in spec.references:
        yield "references", picture


def find_unfit_pictures(
    engine: Provider, capability: Capability, spec: ClipSpec
) -> Iterator[tuple[str, Picture | Clip, str]]:
    """Yield (field, row, reason) of each picture that the model refuses. Local providers accept all pictures."""
    for field, row in () if engine.is_local else list_pictures(spec):
        if problem := _check_picture(engine, capability, row):
            yield field, row, problem.message


def _check_picture(engine: Provider, capability: Capability, row: Picture | Clip) -> Violation | None:
    """Check the size and format of a picture, or the size of a clip's frame.

    The bytes of a frame are not known yet: a frame that is too large is encoded again.
    """
    if isinstance(row, Clip):
        return find_violation(capability, width=row.width, height=row.height) if row.width else None
    is_fetched = getattr(engine, "needs_picture_urls", False)
    kind = FORMATS.get(PurePath(row.key).suffix, "") if is_fetched else ""
    return find_violation(capability, width=row.width, height=row.height, size=row.bytes, kind=kind)
