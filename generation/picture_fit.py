"""Whether a model takes the pictures of a wish. Every way of asking for a clip looks here before anything is reserved:
the form, other pages, stories, and the order of accounts where another one is tried.
"""

from collections.abc import Iterator
from pathlib import PurePath

from generation.models import Clip, Picture
from generation.providers.base import Capability, Provider
from generation.providers.image_limits import Unfit, against

KIND_OF = {".jpg": "jpeg", ".png": "png", ".webp": "webp"}  # as pictures are stored (generation/services/uploads.py)


def pictures_of(asked: dict) -> Iterator[tuple[str, Picture | Clip]]:
    """(field, row) of all that is shown to the engine: pictures, and the clip whose last frame it starts on."""
    for field in ("picture", "continues", "last_picture"):
        if row := asked.get(field):
            yield field, row
    for row in asked.get("references") or ():
        yield "references", row


def unfit(engine: Provider, capability: Capability, asked: dict) -> Iterator[tuple[str, Picture | Clip, str]]:
    """(field, row, why not) of every picture that the model does not take. Engines of this machine take all."""
    for field, row in () if engine.is_local else pictures_of(asked):
        if found := _unfit(engine, capability, row):
            yield field, row, found.words


def _unfit(engine: Provider, capability: Capability, row: Picture | Clip) -> Unfit | None:
    if isinstance(row, Clip):  # how heavy its frame will be, nobody knows; one that is too heavy is written anew
        return against(capability, width=row.width, height=row.height) if row.width else None
    is_fetched = getattr(engine, "fetches_pictures", False)
    kind = KIND_OF.get(PurePath(row.key).suffix, "") if is_fetched else ""
    return against(capability, width=row.width, height=row.height, size=row.bytes, kind=kind)
