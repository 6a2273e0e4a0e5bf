"""What a yes to the draw sheet is about: a mark of it goes out with the sheet and comes back with the yes."""

import hashlib


def mark_of(shots) -> str:
    """Which scenes on which terms, and, behind a point, what they had when the person looked. Kept short, since it is
    sent with each change of the form as well."""
    if not shots:
        return ""
    told = [(row.scene.pk.hex, row.agreed, row.currency, sorted(row.terms.items()), *_begins(row)) for row in shots]
    return f"{_digest(told)}.{_digest([row.had for row in shots])}"


def _begins(row) -> tuple:
    """What it goes on from, and what the sheet says of that."""
    scene, clip = row.start.scene, row.start.clip
    return str(scene and scene.pk), str(clip and clip.pk), tuple(row.notes)


def _digest(told) -> str:
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]
