"""What the animatic of a scene will show of its words, and which of them draw nothing."""

from generation.composer.understanding import reading_of
from studio.drawing.clip_request import spec_of
from studio.models import Scene, Take


def read(scene: Scene) -> dict | None:
    """Read as its animatic would be drawn now; asks the database nothing when the scene came with all it needs."""
    spec = spec_of(scene, purpose=Take.Purpose.ANIMATIC)
    return reading_of(spec.build_clip())
