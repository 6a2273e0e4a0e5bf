"""What was written into a scene, for people to read: words as they were, takes by number, people by name."""

from django.utils.translation import gettext as _

from accounts.names import display_name
from studio.fields import NAMES
from studio.models import Character, Scene, SceneEdit


def shown(scene: Scene, edits: list[SceneEdit]) -> list[dict]:
    """Each edit with who made it and its rows of (name, before, after)."""
    rows = scene.takes.shown().order_by("created_at", "id")
    takes = {pk: n for n, pk in enumerate(rows.values_list("pk", flat=True), 1)}
    people = _people(edits)
    return [
        {"edit": each, "rows": _rows(each, takes, people), "by": display_name(each.by) if each.by else _("Somebody")}
        for each in edits
    ]


def _people(edits: list[SceneEdit]) -> dict[str, str]:
    ids = {pk for edit in edits for side in (edit.before, edit.after) for pk in side.get("cast", [])}
    return {str(pk): name for pk, name in Character.objects.filter(pk__in=ids).values_list("pk", "name")}


def _rows(edit: SceneEdit, takes: dict, people: dict) -> list[tuple]:
    told = {
        "chosen": (_("take shown"), lambda pk: _("Take %(n)s") % {"n": takes[pk]} if pk in takes else ""),
        "cast": (_("Who appears"), lambda ids: ", ".join(people[pk] for pk in ids if pk in people)),
        "is_locked": (_("Lock"), lambda is_locked: _("Locked") if is_locked else ""),
    }
    rows = [(NAMES[name], edit.before[name], edit.after[name]) for name in edit.after if name in NAMES]
    for name, (label, words) in told.items():
        if name in edit.after:
            rows.append((label, words(edit.before[name]), words(edit.after[name])))
    return rows
