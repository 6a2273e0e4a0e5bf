"""Which columns of a scene people write, and how they look in its history."""

import uuid

from studio.models import Scene

PICTURES = ("picture", "first_frame", "last_frame")
EDITABLE = (
    "prompt", "negative_prompt", "place_name", "time", "camera", "speaker", "line", "note", "style", "provider",
    "model", "seconds", "seed", *PICTURES, "follows", "join_kind", "join_frames", "trim_in", "trim_out", "sound",
    "gain",
)  # fmt: skip
COPIED = EDITABLE
BESIDE = ("chosen", "cast", "is_locked")  # no words, but what people set beside them: kept in the history too
NAMES = {name: Scene._meta.get_field(name).verbose_name for name in EDITABLE}


def values_of(scene: Scene) -> dict:
    """Everything people write into a scene, ready for JSON: pictures by their id."""
    return {name: _plain(getattr(scene, f"{name}_id" if name in PICTURES else name)) for name in EDITABLE}


def beside(scene: Scene) -> dict:
    """The take that was chosen, who appears, and whether the scene is locked, ready for JSON."""
    cast = sorted(str(pk) for pk in scene.cast.values_list("character_id", flat=True))
    return {"chosen": scene.chosen_id, "cast": cast, "is_locked": scene.is_locked}


def _plain(value):
    return str(value) if isinstance(value, uuid.UUID) else value


def columns(values: dict) -> dict:
    """The same as columns to write."""
    return {f"{name}_id" if name in (*PICTURES, "chosen") else name: value for name, value in values.items()}
