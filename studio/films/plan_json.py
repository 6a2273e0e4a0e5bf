"""Convert a confirmed plan of a film to JSON when the film is requested, and back in the worker.

The JSON contains no paths or storage keys: the worker looks up each clip in the story's own workspace.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID
from zlib import crc32

from django.utils.translation import gettext as _

from common.messages import to_json
from generation.offers.provider_labels import get_clip_provider_label
from generation.providers.registry import clip_providers
from studio.films.plan import FilmPlan, FilmRow
from studio.models import FilmSettings
from studio.render.plan import Card, Format, Join, JoinKind, Music, Plan, Shot


def dump_plan(film_plan: FilmPlan) -> dict:
    """Return the plan, which must have no problems, as JSON values."""
    settings = film_plan.settings
    return {
        "format": {"width": film_plan.format.width, "height": film_plan.format.height},
        "levelled": settings.is_levelled,
        "fit": settings.fit,
        "pieces": [_dump_piece(row) for row in film_plan.rows],
        "joins": [{"kind": join.kind.value, "frames": join.frames} for join in film_plan.joins],
        "music": _dump_music(settings),
        "notes": [to_json(note) for note in (*film_plan.notes, *(notice.message for notice in film_plan.outdated))],
    }


def _dump_music(settings: FilmSettings) -> dict | None:
    """Return the uploaded track or, without one, the mood in which music is composed; None for no music."""
    music, levels = settings.music, {"gain": settings.music_gain, "duck": settings.music_duck}
    if music:
        return {"id": str(music.pk), "title": music.title, "sha256": music.bed_sha256} | levels
    return {"mood": settings.mood, "seed": _get_seed(settings.story_id)} | levels if settings.mood else None


def _get_seed(story_id: UUID) -> int:
    """Return the seed of a story's music, which stays the same for all of its films."""
    return crc32(story_id.bytes) % 2**31


def get_mark(film_plan: FilmPlan) -> str:
    """Return a digest of what the page shows of the film; "" if the film cannot be made."""
    if film_plan.problems:
        return ""
    values = json.dumps(dump_plan(film_plan) | {"notes": [_note_facts(row) for row in film_plan.rows]}, sort_keys=True)
    return hashlib.sha256(values.encode()).hexdigest()[:32]


def _note_facts(row: FilmRow) -> list:
    """Return the values that a row's notes depend on, since the notes themselves are in the reader's language."""
    panel = row.panel
    facts = [panel.is_stale, panel.has_older_text, bool(panel.playing and panel.is_choice_in_trash)] if panel else []
    return [row.wanted, *facts]


def _dump_piece(row: FilmRow) -> dict:
    if isinstance(row.piece, Card):
        card = row.piece
        scene = {"n": row.panel.n, "scene": str(row.panel.scene.pk)} if row.panel else {}
        return {
            "kind": "card",
            "place": row.place,
            "text": card.text,
            "subtitle": card.subtitle,
            "frames": card.frames,
            "paper": card.paper,
            "ink": card.ink,
            **scene,
        }
    shot, panel = row.piece, row.panel
    return {
        "kind": "shot",
        "n": panel.n,
        "scene": str(panel.scene.pk),
        "clip": str(panel.playing.clip_id),
        "is_sketch": panel.is_draft,
        "sha256": shot.sha256,
        "frames": shot.frames,
        "trim_in": shot.trim_in,
        "trim_out": shot.trim_out,
        "sound": shot.sound,
        "gain": shot.gain,
        "title": shot.title,
        "has_sound": panel.playing.clip.has_sound,
        "is_ambient": shot.is_ambient,
    }


def load_plan(plan: Mapping, clips: Mapping[str, tuple[Path, str]], music: tuple[Path, str] | None) -> Plan:
    """Return the film engine's plan. ``clips``: clip id → (path of the mezzanine, digest). ``music``: path of the
    samples, digest. Raises PlanRefused.
    """
    pieces = tuple(
        _load_card(piece) if piece["kind"] == "card" else _load_shot(piece, plan, clips) for piece in plan["pieces"]
    )
    joins = tuple(Join(JoinKind(join["kind"]), join["frames"]) for join in plan["joins"])
    bed = None
    if plan["music"] and music:
        planned = plan["music"]
        bed = Music(*music, float(planned["gain"]), float(planned["duck"]), is_composed="mood" in planned)
    size = plan["format"]
    return Plan(Format(size["width"], size["height"]), pieces, joins, bed, plan["levelled"])


def _load_card(piece: Mapping) -> Card:
    return Card(piece["text"], piece["subtitle"], piece["frames"], piece["paper"], piece["ink"], title=piece["text"])


def _load_shot(piece: Mapping, plan: Mapping, clips: Mapping[str, tuple[Path, str]]) -> Shot:
    return Shot(
        *clips[piece["clip"]],
        piece["frames"],
        piece["trim_in"],
        piece["trim_out"],
        piece["sound"],
        piece.get("gain", 0.0),
        fit=plan["fit"],
        title=piece["title"],
        is_ambient=piece.get("is_ambient", False),
    )


def list_chapters(film_plan: FilmPlan) -> list[dict]:
    """Return one chapter per scene and card, without gaps. ``start`` and ``end`` (exclusive) are frames.

    A card shows its text, so only scenes with a take have a line.
    """
    return [
        {
            "n": row.panel.n if row.panel else 0,
            "place": row.place,
            "title": chapter.title,
            "start": chapter.start,
            "end": chapter.end,
            **_get_line(row),
        }
        for row, chapter in zip(film_plan.rows, film_plan.render_plan.chapters, strict=True)
    ]


def _get_line(row: FilmRow) -> dict:
    if row.is_card or not row.panel or not row.panel.scene.line:
        return {}
    return {"line": row.panel.scene.line, "speaker": row.panel.scene.speaker}


def describe_scenes(film_plan: FilmPlan) -> list[dict]:
    """Return provider, seed and transition of each scene, as the page of a film shows them."""
    found = []
    for row in film_plan.scenes:
        facts = {
            "n": row.panel.n,
            "title": row.piece.title,
            "frames": row.piece.length,
            "join": row.join.kind.value if row.join else "",
            "join_frames": row.join.frames if row.join else 0,
        }
        take = row.panel.playing
        found.append(facts | (_describe_take(take) if take else {"purpose": _describe_card(row)}))
    return found


def _describe_card(row: FilmRow) -> str:
    return "text" if row.panel and row.panel.scene.has_content else "empty"


def _describe_take(take) -> dict:
    engine = clip_providers().get(take.clip.provider)
    return {
        "clip": str(take.clip_id),
        "purpose": take.purpose,
        "seed": take.clip.seed,
        "engine": get_clip_provider_label(take.clip),
        "model": "" if engine and engine.is_local else take.clip.model,
    }


def list_differences(one, other) -> list[str]:
    """Return a sentence for each difference between two versions of a story's film."""
    found = []
    if one.frames != other.frames:
        found.append(_("Length: %(one)d and %(other)d frames.") % {"one": one.frames, "other": other.frames})
    if (one.width, one.height) != (other.width, other.height):
        sizes = {"one": f"{one.width} × {one.height}", "other": f"{other.width} × {other.height}"}
        found.append(_("Size: %(one)s and %(other)s.") % sizes)
    ours, theirs = _pieces_by_scene(one), _pieces_by_scene(other)
    for scene in dict.fromkeys([*ours, *theirs]):
        found += _scene_differences(ours.get(scene), theirs.get(scene))
    before, after = _transitions_by_pair(one), _transitions_by_pair(other)
    if any(before[pair] != after[pair] for pair in before.keys() & after.keys()):
        found.append(_("Some transitions differ."))
    if _cards(one) != _cards(other):
        found.append(_("The cards differ."))
    if one.plan["music"] != other.plan["music"]:
        found.append(_("The music or its volume differs."))
    if one.plan["levelled"] != other.plan["levelled"]:
        found.append(_("Only one of them levels the loudness of its scenes."))
    if one.plan["fit"] != other.plan["fit"]:
        found.append(_("Clips with another aspect ratio are fitted differently."))
    return found


def _pieces_by_scene(film) -> dict:
    return {piece["scene"]: piece for piece in film.plan["pieces"] if "scene" in piece}


def _scene_differences(ours: Mapping | None, theirs: Mapping | None) -> list[str]:
    if not (ours and theirs):
        message = (
            _("Scene %(n)d is only in the first version.") if ours else _("Scene %(n)d is only in the second version.")
        )
        return [message % {"n": (ours or theirs or {})["n"]}]
    found = []
    if ours.get("clip") != theirs.get("clip"):
        found.append(_("Scene %(n)d shows a different take."))
    if any(ours.get(name, 0) != theirs.get(name, 0) for name in ("trim_in", "trim_out")):
        found.append(_("Scene %(n)d is trimmed differently."))
    if ours["n"] != theirs["n"]:
        found.append(_("Scene %(n)d is in a different position."))
    has_sound = "sound" in ours and "sound" in theirs
    if has_sound and (ours["sound"] != theirs["sound"] or ours.get("gain", 0.0) != theirs.get("gain", 0.0)):
        found.append(_("The sound of scene %(n)d differs."))
    return [message % {"n": ours["n"]} for message in found]


def _transitions_by_pair(film) -> dict:
    """Return (scene, next scene) → transition."""
    pieces = [piece.get("scene", piece.get("place")) for piece in film.plan["pieces"]]
    pairs = zip(pieces, pieces[1:], film.plan["joins"], strict=False)
    return {(before, after): join for before, after, join in pairs}


def _cards(film) -> list:
    """Return the title card and the end card."""
    return [piece for piece in film.plan["pieces"] if "scene" not in piece]
