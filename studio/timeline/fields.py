"""List the fields of a scene that users edit, read their values, and merge what several people changed."""

import uuid

from django.utils.translation import gettext_lazy as _

from studio.models import Scene

IMAGE_FIELDS = ("picture", "first_frame", "last_frame")
EDITABLE_FIELDS = (
    "prompt", "negative_prompt", "place_name", "time", "camera", "speaker", "line", "note", "staging", "style",
    "provider", "model", "seconds", "seed", *IMAGE_FIELDS, "follows", "join_kind", "join_frames", "trim_in", "trim_out",
    "sound", "gain",
)  # fmt: skip
EXTRA_FIELDS = ("chosen", "cast", "is_locked", "position")  # not on the form, but in the history
ALLOWED_IF_LOCKED = frozenset({"is_locked", "position"})
IMAGE_LABELS = {"first_frame": _("First frame"), "last_frame": _("Last frame"), "picture": _("Appearance reference")}
FIELD_LABELS = {name: Scene._meta.get_field(name).verbose_name for name in EDITABLE_FIELDS} | IMAGE_LABELS


def get_values(scene: Scene) -> dict:
    """Return {name: JSON value} of EDITABLE_FIELDS; images by id."""
    return {name: _to_json(getattr(scene, f"{name}_id" if name in IMAGE_FIELDS else name)) for name in EDITABLE_FIELDS}


def get_extra_values(scene: Scene) -> dict:
    """Return {name: JSON value} of EXTRA_FIELDS; takes and characters by id."""
    cast = sorted(str(pk) for pk in scene.cast.values_list("character_id", flat=True))
    return {"chosen": scene.chosen_id, "cast": cast, "is_locked": scene.is_locked, "position": scene.position}


def _to_json(value):
    return str(value) if isinstance(value, uuid.UUID) else value


def to_columns(values: dict) -> dict:
    """Return the values by database column: ``first_frame`` becomes ``first_frame_id``."""
    return {f"{name}_id" if name in (*IMAGE_FIELDS, "chosen") else name: value for name, value in values.items()}


def merge_fields(base: dict, theirs: dict, mine: dict) -> tuple[dict, dict]:
    """Return the values of ``mine`` to write, and the collisions as ``{field: (theirs, mine)}``.

    ``base``: the values that the user saw. ``theirs``: the stored values. Both must contain every field of ``mine``.
    """
    wanted, collisions = {}, {}
    for name, value in mine.items():
        if value in (base[name], theirs[name]):
            continue
        if theirs[name] == base[name]:
            wanted[name] = value
        else:
            collisions[name] = (theirs[name], value)
    return wanted, collisions
