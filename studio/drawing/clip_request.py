"""Turn a scene into a clip request, and find its price and what prevents it."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy

from common.messages import build_message
from generation import picture_fit
from generation.animatic.scene import STORYBOARD
from generation.animatic.storyboard.panel_json import PanelRefused, read_panel
from generation.clip_spec import LEFT_OUT, ClipSpec
from generation.composer.understanding import read_clip
from generation.models import Clip, StyleWords
from generation.providers.adapters.local.options import BOARD_LINES, PLACE_SOUNDS
from generation.providers.base import ClipRequest, Estimate, Mode
from generation.providers.prompt import STYLE_PROMPTS, build_style_option
from generation.providers.registry import providers
from studio.drawing import coherence, prompt
from studio.drawing.prompt import MAX_PROMPT, compose_prompt
from studio.models import Scene, Take
from studio.scenes.mentions import strip_mentions
from studio.scenes.providers import find_model

ANIMATIC = "animatic"
MAX_CAST = 24  # characters in one animatic, since each of them takes time to draw
IMAGE_LABELS = {
    "picture": gettext_lazy("The first frame"),
    "continues": gettext_lazy("The frame to continue from"),
    "last_picture": gettext_lazy("The last frame"),
    "references": gettext_lazy("The reference image"),
}
SEPARATE_OPTIONS = {ANIMATIC: frozenset({"place_name", "time", "camera", "cast", "line", "staging"})}


def get_provider(scene: Scene, purpose: str):
    """Return the provider of a take and the capability of its model, None for either if not available here."""
    if purpose == Take.Purpose.ANIMATIC:
        engine = providers()[ANIMATIC]
        return engine, engine.capability()
    slug, model = (scene.provider, scene.model) if scene.provider else (scene.story.provider, scene.story.model)
    engine = providers().get(slug)
    return engine, find_model(engine, model, scene.story)


def get_purpose(scene: Scene, purpose: str) -> str:
    """Return the purpose that a take requested now will have: what the animatic draws is always a draft."""
    slug = scene.provider or scene.story.provider
    return Take.Purpose.ANIMATIC if slug == ANIMATIC else purpose


def build_spec(scene: Scene, *, purpose: str, before: Clip | None = None, left_out: int = 0) -> ClipSpec:
    """Build the spec of a take.

    ``scene`` must be loaded with its story and ``characters``. ``before``: the clip that the take continues; its last
    ``left_out`` frames are trimmed and not shown by the film.
    """
    purpose = get_purpose(scene, purpose)
    engine, capability = get_provider(scene, purpose)
    slug = engine.slug if engine else scene.provider or scene.story.provider
    cast = list(scene.characters.all())
    images, captions = _choose_images(scene, cast, capability, before)
    style = scene.style or scene.story.style
    text = compose_prompt(
        scene,
        cast,
        separate=SEPARATE_OPTIONS.get(slug, frozenset()),
        captions=prompt.format_captions(captions, images["picture"]),
        style=style,
        max_length=_get_max_prompt_length(capability, _get_style_text(scene.story, style, slug)),
    )
    spec = ClipSpec(
        prompt=text,
        negative_prompt=scene.negative_prompt,
        style=style,
        provider=slug,
        model=capability.model if capability else scene.model or scene.story.model,
        ratio=scene.story.ratio,
        resolution=scene.story.resolution,
        seconds=scene.seconds,
        seed=scene.seed,
        options=_get_animatic_options(scene, cast, slug)
        | ({LEFT_OUT: left_out} if before and left_out else {})
        | ({} if slug == ANIMATIC else build_style_option(_read_style_words(scene.story), style)),
        **images,
    )
    return _adapt_to_animatic(scene, spec, capability) if purpose == Take.Purpose.ANIMATIC else spec


def _get_max_prompt_length(capability, style_text: str) -> int:
    """Return how many characters the prompt may have, so that the style's text can be appended to it."""
    limit = capability.prompt_limit if capability else MAX_PROMPT
    return min(MAX_PROMPT, limit - len(style_text) - len(". "))


def _read_style_words(story) -> dict[str, str]:
    """Return the words of the styles that the story's workspace has changed, read once for the row of the story."""
    return story.reads(StyleWords.objects.read_words, story.workspace_id)


def _get_style_text(story, style: str, provider: str) -> str:
    """Return the words of the style; the animatic draws by the style's name, so that nobody's own words matter."""
    own_words = {} if provider == ANIMATIC else _read_style_words(story)
    return own_words.get(style) or STYLE_PROMPTS.get(style, "")


def _choose_images(scene: Scene, cast, capability, before: Clip | None) -> tuple[dict, list[str]]:
    """Return the image fields of the spec, and the captions of the references.

    The scene's appearance reference is sent as a reference if the model accepts references, otherwise as the first
    frame. A take that starts on a frame has no references, since providers accept only one of both.
    """
    modes = capability.modes if capability else frozenset()
    start = None if before else scene.first_frame
    captions: dict = {}
    if Mode.REFERENCES in modes and not (before or start or scene.last_frame_id):
        for picture, caption in [
            (scene.picture, prompt.caption_picture(scene.picture)),
            *prompt.order_references(cast),
        ]:
            captions.setdefault(picture, caption)
        captions.pop(None, None)
    if not (before or start or captions or scene.last_frame_id):
        start = scene.picture
    references = list(captions)[: capability.references_most if capability else 0]
    starts = {"picture": start, "last_picture": scene.last_frame, "continues": before, "references": tuple(references)}
    return starts, [captions[reference] for reference in references]


def _get_animatic_options(scene: Scene, cast, slug: str) -> dict:
    """Return the animatic's options for the scene; {} for other providers, for which the prompt says everything.

    The sound is that of the place without music, since the film has music of its own.
    """
    if slug != ANIMATIC:
        return {}
    options = {"time": scene.time, "camera": scene.camera, "place_name": scene.place_name, "line": scene.line}
    options["speaker"] = scene.speaker
    if draws_panel(scene):
        options["cut"] = str(scene.position)
        options["staging"] = scene.staging
    people = [_get_character_options(character) for character in cast[:MAX_CAST]]
    found = {name: value for name, value in options.items() if value} | {"sound": PLACE_SOUNDS}
    return found | ({"cast": people} if people else {})


def _get_character_options(character) -> dict:
    options = {"name": character.name, "kind": character.kind, "description": character.description}
    return options | ({"colours": character.colours} if character.colours else {})


def _adapt_to_animatic(scene: Scene, spec: ClipSpec, capability) -> ClipSpec:
    """Return the spec adapted to the animatic's limits. It draws panels itself, so that it needs no layout."""
    sources = (spec.picture, scene.picture)
    lengths = capability.seconds
    return replace(
        spec,
        seconds=min(max(scene.seconds, min(lengths)), max(lengths)),
        seed=coherence.get_draft_seed(scene),
        resolution=BOARD_LINES,
        picture=next((source for source in sources if source and not source.is_layout), None),
        last_picture=None,
    )


def draws_panel(scene: Scene) -> bool:
    """Return whether the drafts of the scene are storyboard panels."""
    return (scene.style or scene.story.style) == STORYBOARD


def can_direct(scene: Scene) -> bool:
    """Return whether a panel of the scene is drawn as its draft, or sent to the model of its final take."""
    return draws_panel(scene) or (scene.provider or scene.story.provider) != ANIMATIC


def list_layout_parts(scene: Scene) -> list[str]:
    """Return as which images the model of the final take accepts the drawing of a panel: picture, first_frame."""
    slug = scene.provider or scene.story.provider
    capability = None if slug == ANIMATIC else get_provider(scene, Take.Purpose.FINAL)[1]
    modes = capability.modes if capability else frozenset()
    parts = {"picture": Mode.REFERENCES, "first_frame": Mode.PICTURE}
    return [part for part, mode in parts.items() if mode in modes]


def build_coherent_draft(scene: Scene, earlier: Sequence[Scene], *, variation: int = 0) -> ClipSpec:
    """Build the spec of a draft to which the scenes before, ``earlier``, carry over what the scene leaves open."""
    spec = build_spec(scene, purpose=Take.Purpose.ANIMATIC)
    people = [_get_character_options(character) for character in coherence.carry_people(scene, earlier)]
    cast = {"cast": [*people, *spec.options.get("cast", ())]} if people else {}
    story_seed = coherence.get_draft_seed(earlier[0], is_coherent=True) if earlier else 0
    words, words_before = _get_words(scene), [_get_words(before) for before in earlier]
    if draws_panel(scene):
        setting = coherence.carry_panel(words, words_before)
    else:
        setting = coherence.carry_setting(words, words_before, seed=story_seed)
    seed = coherence.get_draft_seed(scene, is_coherent=True, variation=variation)
    return replace(spec, options={**spec.options, **cast, **setting}, seed=seed)


def _get_words(scene: Scene) -> tuple[str, dict]:
    """Return what the animatic reads of a scene: its prompt and its options."""
    return strip_mentions(scene.prompt), _get_animatic_options(scene, list(scene.characters.all()), ANIMATIC)


def build_request(scene: Scene, *, purpose: str, continues: bool = False) -> tuple[ClipRequest, ClipSpec]:
    """Return the request and the spec of a take, as far as they matter for the price.

    ``continues``: the take will start on the last frame of another clip.
    """
    spec = build_spec(scene, purpose=purpose)
    request = spec.to_request()
    if continues and not scene.last_frame_id:
        request = replace(request, mode=Mode.PICTURE)
    return request, spec


def estimate_take(
    scene: Scene, *, purpose: str, continues: bool = False, before: Clip | None = None
) -> tuple[Estimate | None, list[str]]:
    """Return the estimate of one take, or None and the reasons why the take is impossible.

    ``continues``: the take will start on the last frame of another clip. ``before``: that clip, once it exists.
    """
    engine, capability = get_provider(scene, purpose)
    if capability is None:
        return None, [build_message("provider_gone")]
    request, spec = build_request(scene, purpose=purpose, continues=continues)
    reasons = [*_find_panel_problems(scene), *capability.find_conflicts(request).values()]
    if continues:
        spec = replace(spec, picture=None, continues=before, last_picture=scene.last_frame, references=())
    reasons += _find_image_problems(engine, capability, scene, spec)
    return (None, reasons) if reasons else (engine.estimate(request), [])


def _find_panel_problems(scene: Scene) -> list[str]:
    """Return why the panel that was directed cannot be read, which a later version may have stored."""
    try:
        if scene.staging:
            read_panel(scene.staging)
    except PanelRefused as refusal:
        return [build_message(refusal.code, **refusal.values)]
    return []


def _find_image_problems(engine, capability, scene: Scene, spec: ClipSpec) -> list[str]:
    """Return why images are not accepted. Each reason begins with the name of the character or the use of the image."""
    names = {
        picture.picture_id: character.name
        for character in scene.characters.all()
        for picture in character.pictures.all()
    }
    reasons = []
    for field, row, reason in picture_fit.find_unfit_pictures(engine, capability, spec):
        character_name = names.get(row.pk) if field == "references" else None
        reasons.append(build_message("with_subject", what=character_name or IMAGE_LABELS[field], why=reason))
    return reasons


def read_animatic(scene: Scene) -> dict:
    """Return how the animatic understands the scene, and ``can_direct``.

    Makes no query if the characters were prefetched.
    """
    reading = read_clip(build_spec(scene, purpose=Take.Purpose.ANIMATIC).build_clip()) or {}
    return {**reading, "can_direct": can_direct(scene)}
