"""Which columns of a scene people write, and how they look in its history."""

import uuid

from django.utils.translation import gettext_lazy as _

from studio.models import Scene

IMAGE_FIELDS = ("picture", "first_frame", "last_frame")
EDITABLE_FIELDS = (
    "prompt", "negative_prompt", "place_name", "time", "camera", "speaker", "line", "note", "style", "provider",
    "model", "seconds", "seed", *IMAGE_FIELDS, "follows", "join_kind", "join_frames", "trim_in", "trim_out", "sound",
    "gain",
)  # fmt: skip
EXTRA_FIELDS = ("chosen", "cast", "is_locked", "position")  # no words, but what is set beside them: in the history too
ALLOWED_IF_LOCKED = frozenset({"is_locked", "position"})  # what may be changed in a locked scene
IMAGE_LABELS = {"first_frame": _("First frame"), "last_frame": _("Last frame"), "picture": _("Appearance reference")}
FIELD_LABELS = {name: Scene._meta.get_field(name).verbose_name for name in EDITABLE_FIELDS} | IMAGE_LABELS


def get_values(scene: Scene) -> dict:
    """Everything people write into a scene, ready for JSON: pictures by their id."""
    return {name: _to_json(getattr(scene, f"{name}_id" if name in IMAGE_FIELDS else name)) for name in EDITABLE_FIELDS}


def get_extra_values(scene: Scene) -> dict:
    """The take that was chosen, who appears, whether the scene is locked and where it stands, ready for JSON."""
    cast = sorted(str(pk) for pk in scene.cast.values_list("character_id", flat=True))
    return {"chosen": scene.chosen_id, "cast": cast, "is_locked": scene.is_locked, "position": scene.position}


def _to_json(value):
    return str(value) if isinstance(value, uuid.UUID) else value


def to_columns(values: dict) -> dict:
    """The same as columns to write."""
    return {f"{name}_id" if name in (*IMAGE_FIELDS, "chosen") else name: value for name, value in values.items()}
