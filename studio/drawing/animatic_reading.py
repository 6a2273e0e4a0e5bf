"""What the animatic of a scene will show of its words, and which of them draw nothing."""

from generation.composer.understanding import reading_of
from generation.models import Clip
from studio.drawing.clip_request import asked_of
from studio.models import Scene, Take

READ = ("prompt", "negative_prompt", "style", "provider", "seed", "chips_off", "options", "picture")


def read(scene: Scene) -> dict | None:
    """Read as its animatic would be drawn now; asks the database nothing when the scene came with all it needs."""
    asked = asked_of(scene, purpose=Take.Purpose.ANIMATIC)
    return reading_of(Clip(**{name: asked[name] for name in READ}))
