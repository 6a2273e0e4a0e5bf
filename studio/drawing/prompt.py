"""Compose the prompt of a scene from what happens, place, time, characters, line and camera.

The first of a person's colours is that of the hair, the second of the clothes, the third of the eyes.
"""

from generation.animatic.storyboard import sentences
from generation.animatic.storyboard.panel_json import PanelRefused, read_panel
from generation.providers.prompt import STYLE_PROMPTS
from studio.models import Character, CharacterPicture
from studio.scenes.mentions import strip_mentions

CAMERA_WORDS = {**sentences.CAMERAS, "rise": "rising camera", "still": "still camera", "handheld": "handheld camera"}
TIME_WORDS = {"dawn": "at dawn", "day": "by day", "sunset": "at sunset", "night": "at night"}
MAX_PROMPT = 2000  # characters
COLOURED_PARTS = ("hair", "clothes", "eyes")
COLOUR_NAMES = {
    "red": "#c4302b", "orange": "#e6843a", "yellow": "#f2cf52", "gold": "#dca93c", "green": "#4c9460",
    "dark green": "#1f4a33", "teal": "#2f9696", "light blue": "#8ec5ee", "blue": "#2f64c8", "navy": "#28365f",
    "purple": "#7a54ac", "pink": "#f0a0b8",
    "bright pink": "#f45fae", "magenta": "#c8328f", "brown": "#7c5638", "dark brown": "#43291c",
    "beige": "#e4d3b0", "black": "#16141a", "dark grey": "#4a4a50", "grey": "#8a8d98", "silver": "#c2c8d4",
    "white": "#f8f8f8",
}  # fmt: skip
ROLE_CAPTIONS = {
    CharacterPicture.Role.FACE: "face",
    CharacterPicture.Role.BODY: "whole figure",
    CharacterPicture.Role.SIDE: "from the side",
    CharacterPicture.Role.BACK: "from behind",
    CharacterPicture.Role.OUTFIT: "clothes",
    CharacterPicture.Role.EXPRESSION: "expression",
    CharacterPicture.Role.DETAIL: "detail",
}
LOOK_CAPTION = "how it looks"
LAYOUT_CAPTION = "a pencil layout: keep who stands where, not its style"
ROLE_ORDER = ("face", "body", "outfit", "side", "back", "expression", "detail", "other")  # most informative first


def compose_prompt(
    scene, cast, *, separate: frozenset[str] = frozenset(), captions: str = "", style: str = "", max_length=MAX_PROMPT
) -> str:
    """Return the prompt of a scene, at most ``max_length`` characters.

    ``separate``: parts that the provider gets as options, which are omitted here. ``captions``: of the references, as
    one text. ``style``: the style in which the scene is drawn.
    """
    parts = [strip_mentions(scene.prompt)]
    if scene.place_name and "place_name" not in separate:
        parts.append(scene.place_name)
    if scene.time in TIME_WORDS and "time" not in separate:
        parts.append(TIME_WORDS[scene.time])
    if "cast" not in separate:
        parts += [captions, *(describe_character(character, style=style) for character in cast)]
    if scene.line and "line" not in separate:
        parts.append(f"{scene.speaker}: “{scene.line}”" if scene.speaker else f"“{scene.line}”")
    if scene.camera in CAMERA_WORDS and "camera" not in separate:
        parts.append(CAMERA_WORDS[scene.camera])
    if scene.staging and "staging" not in separate:
        parts += _describe_staging(scene)
    return _join_sentences([part.strip() for part in parts if part.strip()], max_length)


def _describe_staging(scene) -> list[str]:
    """Return the sentences of the panel that was directed; none if it cannot be read, since that take is refused."""
    try:
        panel = read_panel(scene.staging)
    except PanelRefused:
        return []
    names = {"hour": scene.time in TIME_WORDS, "camera": scene.camera in CAMERA_WORDS}
    return sentences.describe_panel(panel, omit=frozenset(name for name, is_set in names.items() if is_set))


def _join_sentences(parts: list[str], max_length: int) -> str:
    """Join parts to a text. The first part is always kept whole; later parts that do not fit are omitted."""
    text = parts[0] if parts else ""
    for part in parts[1:]:
        longer = f"{text.rstrip('.。')}. {part}"
        if len(longer) <= max_length:
            text = longer
    return text


def describe_character(character: Character, *, style: str = "") -> str:
    """Return "Aki: long hair, red (#c92c18) hair, drawn as …"; "" if only the name is known.

    ``style``: of the scene. The style of the reference images is mentioned only if it differs.
    """
    parts = [character.description.strip().rstrip(".。,，、")]
    parts += _describe_colours(character)
    if character.sheet != style and character.sheet in STYLE_PROMPTS:
        parts.append(f"drawn as {STYLE_PROMPTS[character.sheet]}")
    details = ", ".join(part for part in parts if part)
    return f"{character.name}: {details}" if details else ""


def _describe_colours(character: Character) -> list[str]:
    named = [f"{name_colour(colour)} ({colour})" for colour in character.colours]
    if not named:
        return []
    if character.kind != Character.Kind.PERSON:
        return [f"in {' and '.join(named)}"]
    parts = [f"{colour} {part}" for colour, part in zip(named, COLOURED_PARTS, strict=False)]
    return parts + ([f"also {' and '.join(named[len(COLOURED_PARTS) :])}"] if named[len(COLOURED_PARTS) :] else [])


def name_colour(colour: str) -> str:
    """Return the name in COLOUR_NAMES of the colour that looks most like ``colour`` (#rrggbb)."""
    wanted = _parse_rgb(colour)
    return min(COLOUR_NAMES, key=lambda name: _colour_distance(wanted, _parse_rgb(COLOUR_NAMES[name])))


def _parse_rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _colour_distance(one, other) -> float:
    """Return the "redmean" distance (https://en.wikipedia.org/wiki/Color_difference), plus the difference in
    saturation.
    """
    red = (one[0] + other[0]) / 2
    r, g, b = (own - named for own, named in zip(one, other, strict=True))
    strength = (max(one) - min(one)) - (max(other) - min(other))
    return (2 + red / 256) * r * r + 4 * g * g + (2 + (255 - red) / 256) * b * b + 4 * strength * strength


def order_references(cast) -> list[tuple]:
    """Return (image, caption) of all characters' references: the first of each character, then the second, and so on.

    Each character's references are ordered by ROLE_ORDER.
    """
    rows = [
        sorted(character.pictures.all(), key=lambda reference: ROLE_ORDER.index(reference.role)) for character in cast
    ]
    turns = [(turn, n, reference) for n, own in enumerate(rows) for turn, reference in enumerate(own)]
    order = sorted(turns, key=lambda turn: turn[:2])
    return [(reference.picture, _make_caption(cast[n], reference.role)) for _turn, n, reference in order]


def _make_caption(character: Character, role: str) -> str:
    return f"{character.name}, {ROLE_CAPTIONS[role]}" if role in ROLE_CAPTIONS else character.name


def caption_picture(picture) -> str:
    """Return the caption of the scene's own reference."""
    return LAYOUT_CAPTION if picture and picture.is_layout else LOOK_CAPTION


def format_captions(captions: list[str], start=None) -> str:
    """Return the captions as a numbered text, "Picture 1: Mika, face. Picture 2: …".

    ``start``: the first frame, which is named only if it is a layout.
    """
    if start and start.is_layout:
        return f"The first frame is {LAYOUT_CAPTION}"
    return ". ".join(f"Picture {n}: {caption}" for n, caption in enumerate(captions, 1))
