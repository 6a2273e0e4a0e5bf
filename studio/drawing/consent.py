"""The consent to a quote: the mark that a confirmation sends back, and the terms that each shot stores.

A shot is sent only on the terms that the user confirmed (docs/adr/0016-consent-to-a-run.md).
"""

import hashlib

from accounts.models import Membership
from accounts.permissions import EDIT, ROLE_PERMISSIONS
from generation.composer.providers_for_user import find_usable_connections
from generation.providers.base import Mode
from generation.providers.models import Connection
from generation.providers.registry import providers
from studio.drawing.clip_request import build_request, get_recipe
from studio.models import Run, Scene, Shot, Take

CONNECTION = "connection"
CONTENT = "content"  # digest of the text, pictures and characters of the scene
MODE_ALONE, MODE_CONTINUED = "mode_alone", "mode_continued"
FINISHED_TAKES = "finished_takes"  # ids of the scene's finished final takes, also those in the trash
NEWEST_TAKE = "newest_take"  # id of the scene's newest final take in any state, also in the trash; 0 without one


def get_mark(rows) -> str:
    """Digest what the rows of a quote show: scenes, prices, terms, start frames and existing takes."""
    shown = [
        (
            row.scene.pk.hex,
            row.confirmed_price,
            row.currency,
            sorted(row.terms.items()),
            _describe_start(row),
            row.existing_takes,
        )
        for row in rows
    ]
    return _digest(shown) if shown else ""


def _describe_start(row) -> tuple:
    scene, clip = row.start.scene, row.start.clip
    return str(scene and scene.pk), str(clip and clip.pk), row.start_note


def _digest(value) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:32]


def get_terms(scene: Scene, *, follows: bool, connection: str, price_is_known: bool) -> dict:
    """Return the terms of a final take requested now, as JSON values.

    Without a known price they include everything that determines it.
    """
    alone, spec = build_request(scene, purpose=Take.Purpose.FINAL)
    terms = {
        "provider": spec.provider,
        "model": spec.model,
        CONNECTION: connection,
        CONTENT: _get_content_digest(scene),
    }
    if price_is_known:
        return terms
    continued = Mode.FIRST_LAST if scene.last_frame_id else Mode.PICTURE
    modes = {MODE_ALONE: str(alone.mode), MODE_CONTINUED: str(continued), "follows": follows}
    return terms | modes | {"seconds": alone.seconds, "resolution": alone.resolution, "ratio": alone.ratio}


def _get_content_digest(scene: Scene) -> str:
    cast = [(character.pk.hex, character.rev) for character in scene.characters.all()]
    return _digest((get_recipe(scene), scene.follows, cast))


def get_connection_id(by, workspace, provider: str, model: str) -> str:
    """Return the id of the connection that a request would use now; empty for providers of this machine."""
    engine = providers().get(provider)
    if engine is None or engine.is_local:
        return ""
    connection = find_usable_connections(by, workspace, provider, model).first()
    return str(connection.pk) if connection else ""


def get_confirmed_connection(run: Run, shot: Shot) -> Connection | None:
    """Return the connection that the user confirmed if it may still be used."""
    if not shot.terms.get(CONNECTION):
        return None
    usable = find_usable_connections(
        run.job.created_by, run.story.workspace, shot.terms["provider"], shot.terms["model"]
    )
    return usable.filter(pk=shot.terms[CONNECTION]).first()


def is_within_consent(run: Run, shot: Shot, scene: Scene, *, follows: bool, continues: bool) -> bool:
    """Return whether the scene may be drawn on the terms that the user confirmed. Animatics have no terms.

    ``follows`` and ``continues``: the scene shall start, and does start, on the last frame of another one.
    """
    if not shot.terms:
        return True
    now = get_terms(scene, follows=follows, connection="", price_is_known=False)
    ignored = {CONNECTION, CONTENT, FINISHED_TAKES, NEWEST_TAKE, MODE_ALONE if continues else MODE_CONTINUED}
    if any(now[name] != value for name, value in shot.terms.items() if name not in ignored):
        return False
    connection = get_confirmed_connection(run, shot)
    if connection is None:
        return not get_connection_id(run.job.created_by, run.story.workspace, now["provider"], now["model"])
    is_same = now[CONTENT] == shot.terms[CONTENT]
    return is_same or not connection.owner_id or not _has_other_editors(run, connection)


def _has_other_editors(run: Run, connection: Connection) -> bool:
    """Return whether anybody but the owner of the connection may have changed the scene."""
    roles = [role for role, permissions in ROLE_PERMISSIONS.items() if EDIT in permissions]
    editors = Membership.objects.filter(workspace=run.story.workspace, role__in=roles)
    return editors.exclude(user=connection.owner_id).exists()


def is_drawn_since(shot: Shot) -> bool:
    """Return whether a final take of the scene was finished or added after the user confirmed."""
    if not shot.terms:
        return False
    finished = Take.objects.filter(scene=shot.scene_id, purpose=Take.Purpose.FINAL, clip__ready_at__isnull=False)
    return finished.shown().exclude(pk__in=shot.terms[FINISHED_TAKES]).exists()
