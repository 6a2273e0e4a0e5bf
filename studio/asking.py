"""A scene as a wish for a clip: what is asked for, what it costs, what speaks against it."""

import hashlib
import json
import secrets
from dataclasses import replace
from zlib import crc32

from django.utils.translation import gettext as _

from generation.asking import ASKED, clip_request
from generation.models import Clip
from generation.providers.base import Estimate, Mode
from generation.providers.registry import providers
from studio.models import Scene, Take
from studio.prompts import woven

ANIMATIC = "animatic"
ANIMATIC_LINES = 480  # enough to watch, and a whole film of them is there within a minute
TOLD = {"animatic": frozenset({"place_name", "time", "camera", "cast", "line"})}


def engine_of(scene: Scene, purpose: str):
    """(provider, model name) of a take; provider None when this install does not have it (any more)."""
    if purpose == Take.Purpose.ANIMATIC:
        return providers()[ANIMATIC], ""
    slug, model = (scene.provider, scene.model) if scene.provider else (scene.story.provider, scene.story.model)
    return providers().get(slug), model


def asked_of(scene: Scene, *, purpose: str, before: Clip | None = None) -> dict:
    """What to ask for. ``scene`` comes with its story and ``characters``; ``before`` is the clip to go on from."""
    engine, model = engine_of(scene, purpose)
    slug = engine.slug if engine else scene.provider or scene.story.provider
    cast = list(scene.characters.all())
    asked = {
        "prompt": woven(scene, cast, told=TOLD.get(slug, frozenset())),
        "negative_prompt": scene.negative_prompt,
        "style": scene.style or scene.story.style,
        "provider": slug,
        "model": model,
        "ratio": scene.story.ratio,
        "resolution": scene.story.resolution,
        "seconds": scene.seconds,
        "seed": secrets.randbelow(2**31) if scene.seed is None else scene.seed,
        "seed_is_given": scene.seed is not None,
        "paint": True,
        "chips_off": [],
        "options": _options(scene, cast, slug),
        "picture": None if before else scene.first_frame or scene.picture,
        "continues": before,
    }
    return _as_animatic(scene, asked, engine) if purpose == Take.Purpose.ANIMATIC else asked


def _options(scene: Scene, cast, slug: str) -> dict:
    """What the animatic is told beside the words; other engines read it all in the prompt."""
    if slug != ANIMATIC:
        return {}
    told = {"time": scene.time, "camera": scene.camera, "place_name": scene.place_name, "line": scene.line}
    told["speaker"] = scene.speaker
    people = [{"name": each.name, "kind": each.kind, "description": each.description} for each in cast]
    return {name: value for name, value in told.items() if value} | ({"cast": people} if people else {})


def _as_animatic(scene: Scene, asked: dict, engine) -> dict:
    """Small, never too long or short, and the same picture each time for the same scene."""
    lengths = engine.capability().seconds
    seconds = min(max(scene.seconds, min(lengths)), max(lengths))
    seed = scene.seed if scene.seed is not None else crc32(scene.pk.bytes) % 2**31
    return asked | {"resolution": ANIMATIC_LINES, "seconds": seconds, "seed": seed, "seed_is_given": True}


def recipe(scene: Scene, purpose: str) -> str:
    """Fingerprint of what the scene asks for, apart from chance: a take with another one shows older words."""
    asked = asked_of(scene, purpose=purpose)
    parts = {name: asked[name] for name in ASKED if name != "seed"} | {"seed": scene.seed}
    parts["pictures"] = [str(pk) for pk in (scene.picture_id, scene.first_frame_id, scene.last_frame_id) if pk]
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def looked_at(scene: Scene, *, purpose: str, continues: bool = False) -> tuple[Estimate | None, list[str]]:
    """(price and time of one take, why it cannot be made). ``continues`` when it will start on another clip's frame."""
    engine, model = engine_of(scene, purpose)
    try:
        capability = engine.capability(model) if engine else None
    except KeyError:
        capability = None
    if capability is None:
        return None, [_("Who should draw this is not connected here any more. Choose somebody else.")]
    asked = asked_of(scene, purpose=purpose)
    row = Clip(**{name: asked[name] for name in ASKED}, picture=asked["picture"])
    request = replace(clip_request(row), **({"mode": Mode.PICTURE} if continues else {}))
    reasons = list(capability.reasons_against(request).values())
    return (None, reasons) if reasons else (engine.estimate(request), [])
