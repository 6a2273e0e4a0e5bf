"""Check consent to a quote: its mark, which a confirmation sends back, and the terms that each shot stores.

A shot is sent only on the terms that the user confirmed (docs/adr/0016-consent-to-a-run.md).
"""

import hashlib

from accounts.models import Membership
from accounts.permissions import EDIT, ROLE_PERMISSIONS
from generation.offers.connections import find_usable_connections
from generation.providers.base import Mode
from generation.providers.models import Connection
from generation.providers.registry import providers
from studio.drawing.clip_request import build_request
from studio.models import Run, Scene, Shot, Take
from studio.timeline.scenes import get_recipe
from studio.timeline.takes import NEWEST_TAKE

CONNECTION = "connection"
CONTENT = "content"  # digest of the scene's text, pictures and characters
MODE_ALONE, MODE_CONTINUED = "mode_alone", "mode_continued"
FINISHED_TAKES = "finished_takes"  # ids of the scene's finished final takes, including those in the trash


def get_mark(rows) -> str:
    """Return a digest of a quote's rows: scenes, prices, terms, start frames and existing takes; "" without rows."""
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
    """Return the terms of a final take that is requested now, as JSON values.

    If the price is not known, they include everything that could change it. ``follows``: the scene is to start on the
    last frame of another one. ``connection``: id.
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
    """Return the id of the connection that a request would use now; "" for local providers or if there is none."""
    engine = providers().get(provider)
    if engine is None or engine.is_local:
        return ""
    connection = find_usable_connections(by, workspace, provider, model).first()
    return str(connection.pk) if connection else ""


def find_site_connections() -> set[str]:
    """Return the ids of the connections whose provider bills the site; "" stands for local providers."""
    rows = Connection.objects.filter(owner=None, workspace=None).values_list("pk", flat=True)
    return {"", *map(str, rows)}


def get_confirmed_connection(run: Run, shot: Shot) -> Connection | None:
    """Return the connection that the user confirmed, or None if it may not be used any more."""
    if not shot.terms.get(CONNECTION):
        return None
    usable = find_usable_connections(
        run.job.created_by, run.story.workspace, shot.terms["provider"], shot.terms["model"]
    )
    return usable.filter(pk=shot.terms[CONNECTION]).first()


def is_within_consent(run: Run, shot: Shot, scene: Scene, *, follows: bool, continues: bool) -> bool:
    """Return whether the scene may be drawn on the terms that the user confirmed. Animatics have no terms.

    ``follows``: the scene is to start on the last frame of another one. ``continues``: it actually does.
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
    """Return whether anybody but the connection's owner may edit the story."""
    roles = [role for role, permissions in ROLE_PERMISSIONS.items() if EDIT in permissions]
    editors = Membership.objects.filter(workspace=run.story.workspace, role__in=roles)
    return editors.exclude(user=connection.owner_id).exists()


def is_drawn_since(shot: Shot) -> bool:
    """Return whether a final take of the scene was finished or added after the user confirmed."""
    if not shot.terms:
        return False
    finished = Take.objects.filter(scene=shot.scene_id, purpose=Take.Purpose.FINAL, clip__ready_at__isnull=False)
    return finished.shown().exclude(pk__in=shot.terms[FINISHED_TAKES]).exists()
