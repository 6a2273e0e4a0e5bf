"""Make the body of a story template of a story, a film, a clip or a prompt."""

import re
from dataclasses import replace

from common.messages import build_message
from generation.models import Clip, ClipFile, Picture
from studio.models import Character, CharacterPicture, Film, FilmSettings, Scene, Story
from studio.story_templates.body import (
    BLANK,
    BLANK_NAME,
    FILM_TEXTS,
    MAX_CAST,
    MAX_SCENES,
    Blank,
    TemplateBody,
    TemplateCharacter,
    TemplateFilm,
    TemplateRefused,
    TemplateScene,
    find_blanks,
)
from studio.story_templates.pictures import copy_poster
from studio.timeline.film_settings import get_film_settings

PICTURES_EACH = 2  # reference images of a character that travel
MAX_SECONDS = 60


def build_body_from_story(story: Story) -> TemplateBody:
    """Return the story as a template, with the blanks that stand in its texts. Pictures are left out.

    Raises TemplateRefused for a story that is empty or too large.
    """
    scenes = Scene.objects.filter(story=story).shown().in_order().prefetch_related("characters")
    rows = list(scenes[: MAX_SCENES + 1])
    cast = {row.pk: row for scene in rows for row in scene.characters.all() if row.deleted_at is None}
    return _build_body(
        scenes=[_read_scene(scene) for scene in rows],
        cast=[_read_character(row) for row in sorted(cast.values(), key=lambda row: row.name)],
        film=_read_film_settings(get_film_settings(story)),
        style=story.style,
        ratio=story.ratio,
    )


def _read_scene(scene: Scene) -> TemplateScene:
    return TemplateScene(
        text=scene.prompt.replace("@", ""),
        seconds=scene.seconds,
        transition=scene.join_kind,
        place=scene.place_name,
        time=scene.time,
        camera=scene.camera,
        speaker=scene.speaker,
        line=scene.line,
        staging=scene.staging,
    )


def _read_character(row: Character) -> TemplateCharacter:
    return TemplateCharacter(row.name, row.kind, row.description, tuple(colour.lower() for colour in row.colours))


def _read_film_settings(settings: FilmSettings) -> TemplateFilm:
    texts = {name: getattr(settings, name) for name in FILM_TEXTS}
    return TemplateFilm(mood=settings.mood, **texts)


def build_body_from_film(film: Film) -> TemplateBody:
    """Return a published film as a template: what its clips were made from on that day, whatever the story is now.

    Braces in its texts are no blanks. Raises TemplateRefused for a film without words.
    """
    pieces, joins = film.plan["pieces"], [*film.plan.get("joins", ()), {}]
    rows = [(piece, join) for piece, join in zip(pieces, joins, strict=False) if piece.get("clip")]
    clips = Clip.objects.in_bulk([piece["clip"] for piece, _join in rows], field_name="pk")
    by_id = {str(pk): clip for pk, clip in clips.items()}
    found = [(by_id[piece["clip"]], join) for piece, join in rows if piece["clip"] in by_id]
    cast = {character.name.casefold(): character for clip, _join in found for character in read_cast(clip)}
    return _without_blanks(
        _build_body(
            scenes=[read_clip_scene(clip, join.get("kind", "cut")) for clip, join in found],
            cast=list(cast.values())[:MAX_CAST],
            film=_read_cards(film),
            style=film.story.style,
            ratio=film.story.ratio,
        )
    )


def build_body_from_prompt(text: str) -> TemplateBody:
    """Return a prompt as a template of one scene, with a blank for each name in braces. Raises TemplateRefused."""
    return _build_body(scenes=[TemplateScene(text=text)], cast=[], film=TemplateFilm(), style="cel", ratio="16:9")


def read_clip_scene(clip: Clip, transition: str = "cut") -> TemplateScene:
    """Return what a clip was drawn from as a scene."""
    options = clip.options
    return TemplateScene(
        text=clip.prompt,
        seconds=min(clip.seconds, MAX_SECONDS),
        transition=transition,
        place=options.get("place_name", ""),
        time=options.get("time", ""),
        camera=options.get("camera", ""),
        speaker=options.get("speaker", ""),
        line=options.get("line", ""),
        staging=options.get("staging"),
    )


def read_cast(clip: Clip) -> list[TemplateCharacter]:
    """Return the characters of a clip that the animatic drew; a provider got them as words of the prompt."""
    rows = clip.options.get("cast", ())
    return [
        TemplateCharacter(
            row["name"], row.get("kind", "person"), row.get("description", ""), tuple(row.get("colours", ()))
        )
        for row in rows
        if row.get("name")
    ]


def _read_cards(film: Film) -> TemplateFilm:
    cards = {piece["place"]: piece for piece in film.plan["pieces"] if piece["kind"] == "card" and "scene" not in piece}
    texts = {f"{place}_text": card["text"] for place, card in cards.items() if place in ("title", "end")}
    texts |= {f"{place}_subtitle": card["subtitle"] for place, card in cards.items() if place in ("title", "end")}
    return TemplateFilm(mood=(film.plan.get("music") or {}).get("mood", ""), **texts)


def _build_body(*, scenes, cast, film, style, ratio) -> TemplateBody:
    """Return a checked body with a blank for each name in braces. Raises TemplateRefused."""
    if len(scenes) > MAX_SCENES:
        raise TemplateRefused(build_message("template_too_large", what="scenes", most=MAX_SCENES))
    body = TemplateBody(tuple(scenes), tuple(cast), style, ratio, film)
    names = [name for name in find_blanks(body.list_texts()) if BLANK_NAME.match(name)]
    body = replace(body, blanks=tuple(Blank(name, label=name) for name in names))
    return TemplateBody.from_json(_map_texts(body, _drop_stray_braces(body.blanks)).to_json())


def _drop_stray_braces(blanks):
    """Return a function that replaces braces by parentheses, except around the names of blanks."""
    named = {blank.name for blank in blanks}
    keep = {f"{{{name}}}": f"\ue000{name}\ue001" for name in named}

    def change(text: str) -> str:
        text = BLANK.sub(lambda match: keep.get(match[0], match[0]), text)
        text = text.replace("{", "(").replace("}", ")")
        return text.replace("\ue000", "{").replace("\ue001", "}")

    return change


def _without_blanks(body: TemplateBody) -> TemplateBody:
    return replace(_map_texts(body, lambda text: text.replace("{", "(").replace("}", ")")), blanks=())


def _map_texts(body: TemplateBody, change) -> TemplateBody:
    def map_row(row, names):
        return replace(row, **{name: change(getattr(row, name)) for name in names})

    return replace(
        body,
        scenes=tuple(map_row(scene, ("text", "place", "speaker", "line")) for scene in body.scenes),
        cast=tuple(map_row(character, ("name", "words")) for character in body.cast),
        film=map_row(body.film, FILM_TEXTS),
    )


def make_blank(body: TemplateBody, name: str, *, label: str) -> TemplateBody:
    """Return the body with every mention of ``name`` replaced by a blank of that name, whose default it is.

    A name that cannot be that of a blank, or that is one already, changes nothing.
    """
    if not BLANK_NAME.match(name) or any(blank.name == name for blank in body.blanks):
        return body
    word = re.escape(name)
    pattern = re.compile(rf"(?<![\w{{]){word}(?![\w}}])" if name.isascii() else rf"(?<!{{){word}(?!}})")
    changed = _map_texts(body, lambda text: pattern.sub(f"{{{name}}}", text))
    return replace(changed, blanks=(*body.blanks, Blank(name, label, name)))


def add_pictures(body: TemplateBody, story: Story) -> TemplateBody:
    """Return the body with the first reference images of the story's characters, which travel with the template."""
    rows = CharacterPicture.objects.filter(character__in=_list_cast(story)).select_related("character")
    by_name: dict[str, list[str]] = {}
    for row in rows.order_by("position", "pk"):
        by_name.setdefault(row.character.name, []).append(str(row.picture_id))
    cast = (replace(one, pictures=tuple(by_name.get(one.name, ())[:PICTURES_EACH])) for one in body.cast)
    return replace(body, cast=tuple(cast))


def _list_cast(story: Story):
    return Character.objects.shown().filter(parts__scene__story=story).distinct()


def create_cover(story: Story, *, by) -> Picture | None:
    """Return a copy of the poster of the story's cover, or of its first drawn scene; None without one."""
    files = ClipFile.objects.filter(kind=ClipFile.Kind.POSTER_LARGE, clip__deleted_at=None)
    own = files.filter(clip__scene_takes__scene__in=Scene.objects.filter(story=story).shown())
    chosen = files.filter(clip=story.cover_id).first() if story.cover_id else None
    found = chosen or own.order_by("clip__scene_takes__scene__position", "-clip__created_at").first()
    return copy_poster(found.key, workspace=story.workspace, by=by) if found else None
