"""A scene as a wish for a clip: what is asked for, what it costs, what speaks against it."""

import hashlib
import json
from dataclasses import replace
from zlib import crc32

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation import picture_fit
from generation.clip_spec import LEFT_OUT, ClipSpec
from generation.composer.understanding import read_clip
from generation.models import Clip
from generation.providers.adapters.local.options import BOARD_LINES
from generation.providers.base import ClipRequest, Estimate, Mode
from generation.providers.prompt import STYLE_WORDS
from generation.providers.registry import providers
from studio.drawing import prompt
from studio.drawing.prompt import MAX_PROMPT, compose_prompt
from studio.drawing.providers import find_model
from studio.models import Character, Scene, Take

ANIMATIC = "animatic"
MAX_CAST = 24  # characters in one shot of an animatic: nobody tells more apart, and each takes time to draw
RECIPE_FIELDS = (
    "prompt", "negative_prompt", "place_name", "time", "camera", "speaker", "line", "seconds", "seed", "picture_id",
    "first_frame_id", "last_frame_id",
)  # fmt: skip
IMAGE_LABELS = {
    "picture": gettext_lazy("The first frame"),
    "continues": gettext_lazy("The frame to continue from"),
    "last_picture": gettext_lazy("The last frame"),
    "references": gettext_lazy("The reference image"),
}
SEPARATE_OPTIONS = {ANIMATIC: frozenset({"place_name", "time", "camera", "cast", "line"})}


def get_provider(scene: Scene, purpose: str):
    """(provider, its model's capability); None for what this install does not have (any more)."""
    if purpose == Take.Purpose.ANIMATIC:
        engine = providers()[ANIMATIC]
        return engine, engine.capability()
    slug, model = (scene.provider, scene.model) if scene.provider else (scene.story.provider, scene.story.model)
    engine = providers().get(slug)
    return engine, find_model(engine, model, scene.story)


def build_spec(scene: Scene, *, purpose: str, before: Clip | None = None, left_out: int = 0) -> ClipSpec:
    """What to ask for. ``scene`` comes with its story and ``characters``; ``before`` is the clip to go on from, of
    which the film leaves out so many frames at the end."""
    engine, capability = get_provider(scene, purpose)
    slug = engine.slug if engine else scene.provider or scene.story.provider
    cast = list(scene.characters.all())
    pictures, shown = _choose_images(scene, cast, capability, before)
    style = scene.style or scene.story.style
    told, most = SEPARATE_OPTIONS.get(slug, frozenset()), _max_prompt_length(capability, style)
    spec = ClipSpec(
        prompt=compose_prompt(scene, cast, told=told, shown=prompt.format_captions(shown), style=style, most=most),
        negative_prompt=scene.negative_prompt,
        style=style,
        provider=slug,
        model=capability.model if capability else scene.model or scene.story.model,
        ratio=scene.story.ratio,
        resolution=scene.story.resolution,
        seconds=scene.seconds,
        seed=scene.seed,
        options=_animatic_options(scene, cast, slug) | ({LEFT_OUT: left_out} if before and left_out else {}),
        **pictures,
    )
    return _adapt_to_animatic(scene, spec, capability) if purpose == Take.Purpose.ANIMATIC else spec


def _max_prompt_length(capability, style: str) -> int:
    """How long the words may be, so that the style that is added to them later still fits."""
    limit = capability.prompt_limit if capability else MAX_PROMPT
    return min(MAX_PROMPT, limit - len(STYLE_WORDS.get(style, "")) - len(". "))


def _choose_images(scene: Scene, cast, capability, before: Clip | None) -> tuple[dict, list[str]]:
    """What the shot starts from and ends on, and who appears in it; with it what each reference picture shows.

    A reference picture shows how things look where the model takes references, and is the first frame where it
    does not. A shot that starts on a frame takes no references: providers want one or the other.
    """
    modes = capability.modes if capability else frozenset()
    start = None if before else scene.first_frame
    shown: dict = {}
    if Mode.REFERENCES in modes and not (before or start or scene.last_frame_id):
        for picture, words in [(scene.picture, "how it looks"), *prompt.order_references(cast)]:
            shown.setdefault(picture, words)
        shown.pop(None, None)
    if not (before or start or shown or scene.last_frame_id):
        start = scene.picture
    references = list(shown)[: capability.references_most if capability else 0]
    starts = {"picture": start, "last_picture": scene.last_frame, "continues": before, "references": tuple(references)}
    return starts, [shown[each] for each in references]


def _animatic_options(scene: Scene, cast, slug: str) -> dict:
    """What the animatic is told beside the words; other engines read it all in the prompt."""
    if slug != ANIMATIC:
        return {}
    told = {"time": scene.time, "camera": scene.camera, "place_name": scene.place_name, "line": scene.line}
    told["speaker"] = scene.speaker
    people = [_character_options(each) for each in cast[:MAX_CAST]]
    return {name: value for name, value in told.items() if value} | ({"cast": people} if people else {})


def _character_options(character) -> dict:
    told = {"name": character.name, "kind": character.kind, "description": character.description}
    return told | ({"colours": character.colours} if character.colours else {})


def _adapt_to_animatic(scene: Scene, spec: ClipSpec, capability) -> ClipSpec:
    """Small, never too long or short, without what it cannot do, and the same picture each time for the same scene."""
    lengths = capability.seconds
    return replace(
        spec,
        seconds=min(max(scene.seconds, min(lengths)), max(lengths)),
        seed=scene.seed if scene.seed is not None else crc32(scene.pk.bytes) % 2**31,
        resolution=BOARD_LINES,
        picture=spec.picture or scene.picture,
        last_picture=None,
    )


def prefetch_cast(scenes):
    """Scenes with who appears in them, in the order that a recipe names them."""
    return scenes.prefetch_related(Prefetch("characters", Character.objects.shown().order_by("name", "id")))


def get_recipe(scene: Scene) -> str:
    """Fingerprint of what the scene says, whoever draws it: a take with another one shows older words."""
    parts = {name: getattr(scene, name) for name in RECIPE_FIELDS}
    parts |= {"style": scene.style or scene.story.style, "ratio": scene.story.ratio}
    parts["cast"] = [_appearance(each) for each in scene.characters.all()]
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _appearance(character) -> tuple:
    known = (character.name, character.description)
    return (*known, character.colours, character.sheet) if character.colours or character.sheet else known


def build_request(scene: Scene, *, purpose: str, continues: bool = False) -> tuple[ClipRequest, ClipSpec]:
    """Returns what a provider would read and the spec behind it, as far as it matters for the price."""
    spec = build_spec(scene, purpose=purpose)
    request = spec.to_request()
    if continues and not scene.last_frame_id:
        request = replace(request, mode=Mode.PICTURE)
    return request, spec


def estimate_take(
    scene: Scene, *, purpose: str, continues: bool = False, before: Clip | None = None
) -> tuple[Estimate | None, list[str]]:
    """(price and time of one take, why it cannot be made). ``continues`` when it will start on another clip's frame;
    ``before`` is that clip, once it is drawn."""
    engine, capability = get_provider(scene, purpose)
    if capability is None:
        return None, [_("The selected provider is no longer available. Choose another.")]
    request, spec = build_request(scene, purpose=purpose, continues=continues)
    reasons = list(capability.reasons_against(request).values())
    if continues:
        spec = replace(spec, picture=None, continues=before, last_picture=scene.last_frame, references=())
    reasons += _image_problems(engine, capability, scene, spec)
    return (None, reasons) if reasons else (engine.estimate(request), [])


def _image_problems(engine, capability, scene: Scene, spec: ClipSpec) -> list[str]:
    """Why pictures that go along are not taken, each with whom or what it shows: there may be many."""
    names = {each.picture_id: who.name for who in scene.characters.all() for each in who.pictures.all()}
    found = []
    for field, row, words in picture_fit.unfit(engine, capability, spec):
        what = names.get(row.pk) if field == "references" else None
        found.append(_("%(what)s: %(why)s") % {"what": what or IMAGE_LABELS[field], "why": words})
    return found


def read_animatic(scene: Scene) -> dict | None:
    """Read as its animatic would be drawn now; asks the database nothing when the scene came with all it needs."""
    return read_clip(build_spec(scene, purpose=Take.Purpose.ANIMATIC).build_clip())
