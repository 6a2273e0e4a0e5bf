"""What the tiles of clips show, read as plain values: a page of tiles builds no model."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import timedelta
from itertools import groupby
from typing import Any, ClassVar
from uuid import UUID

from django.utils.formats import date_format

from accounts.viewer import Viewer
from common.web.components import describe_age
from common.web.paths import EXAMPLE_ID, path_of
from generation.hooks import ClipHooks
from generation.library.filters import get_kind
from generation.media import storage
from generation.models import EFFECTS, ClipFile
from jobs import registry
from jobs.maintenance import TRASH_DAYS
from jobs.states import State
from jobs.status import StatusRow
from jobs.templatetags.jobs import state_look

STATUS = tuple(field.name for field in fields(StatusRow))
CLIP = (
    *("id", "workspace_id", "title", "prompt", "ratio", "seconds", "colour", "provider", "options", "video_id"),
    *("picture_id", "picture__key", "picture__workspace_id", "created_at", "ready_at", "deleted_at", "is_favourite"),
)
COLUMNS = (*CLIP, *(f"job__{name}" for name in STATUS))  # of a clip, for ``build_tiles``
KINDS = ClipFile.Kind
FILES = (KINDS.POSTER, KINDS.POSTER_LARGE, KINDS.PREVIEW, KINDS.SKETCH, KINDS.SKETCH_LINES, KINDS.ORIGINAL)


@dataclass(frozen=True)
class ClipLink:
    """A link that an app above puts on the tile of a clip, under the pointer or the focus (js/wall-links.js).

    ``view`` takes the id of the clip.

    ``is_early``: whether a clip has it that is still being drawn.
    """

    view: str
    icon: str
    label: str
    is_early: bool = False

    @property
    def name(self) -> str:
        return self.view.partition(":")[2]

    @property
    def example_path(self) -> str:
        """Return the path for an example id, in whose place the page puts that of a clip."""
        return path_of(self.view, EXAMPLE_ID)


@dataclass(frozen=True)
class ClipTile:
    """All that a tile shows of a clip. ``line`` and ``start`` are pictures of a clip without a video,
    ``links`` the names of its links.

    ``age``: how long the clip exists, ``kept_until``: the day when it leaves the trash, both in words.
    ``can_download``: whether it has a file to download. ``status`` and ``look``: the state of its job, of a clip that
    is not ready.
    """

    template: ClassVar[str] = ""  # in contrast to pages.WallThing: a tag draws it

    pk: UUID
    title: str
    prompt: str
    ratio: str
    seconds: int
    colour: str
    kind: str
    is_upload: bool
    is_ready: bool
    can_download: bool
    is_favourite: bool
    created: str
    age: str = ""
    kept_until: str = ""
    status: str = ""
    look: str = ""
    percent: int = 0
    poster: str = ""
    poster_large: str = ""
    preview: str = ""
    line: str = ""
    start: str = ""
    links: str = ""


def build_tiles(viewer: Viewer, rows: Iterable[Any]) -> list[ClipTile]:
    """Return the tiles of clips, rows with the COLUMNS, in one query."""
    rows = list(rows)
    files = _read_files([row.id for row in rows])
    offered = {workspace: _list_links(viewer, workspace) for workspace in {row.workspace_id for row in rows}}
    return [_build_tile(row, files.get(row.id, {}), offered[row.workspace_id]) for row in rows]


def _read_files(ids: list[UUID]) -> dict[UUID, dict[str, str]]:
    """Return clip id → kind → key of the files that tiles need."""
    rows = ClipFile.objects.filter(clip__in=ids, kind__in=FILES).order_by("clip") if ids else ClipFile.objects.none()
    groups = groupby(rows.values_list("clip_id", "kind", "key"), key=lambda row: row[0])
    return {clip: {kind: key for _clip, kind, key in files} for clip, files in groups}


def list_links(viewer: Viewer) -> list[ClipLink]:
    """Return the links that tiles may have, in the workspace at hand."""
    return list({link: None for workspace in viewer.at_hand.workspace_ids for link in _list_links(viewer, workspace)})


def _list_links(viewer: Viewer, workspace: UUID) -> tuple[ClipLink, ...]:
    """Return the links that apps above put on the tiles of this workspace's clips."""
    finders: Iterable[Callable] = ClipHooks.values_of("clip_links")
    return tuple(link for find in finders if (link := find(viewer, workspace)))


def _build_tile(row, files: dict[str, str], offered: tuple[ClipLink, ...]) -> ClipTile:
    job = StatusRow(*row[len(CLIP) : len(COLUMNS)]) if row.job__state else None
    is_ready, is_active = row.ready_at is not None, job is not None and job.is_active
    links = {kind: storage.create_link(key) for kind, key in files.items() if kind != KINDS.ORIGINAL}
    is_usable = row.deleted_at is None and (is_ready or is_active)
    return ClipTile(
        pk=row.id,
        title=row.title,
        prompt=row.prompt,
        ratio=row.ratio,
        seconds=row.seconds,
        colour=row.colour,
        kind=get_kind(row),
        is_upload=row.provider == EFFECTS and not (row.options.get("effects") or row.options.get("title")),
        is_ready=is_ready,
        can_download=is_ready or (job is not None and _is_degraded(job, files)),
        is_favourite=row.is_favourite,
        created=row.created_at.isoformat(timespec="seconds"),
        links=" ".join(link.name for link in offered if is_ready or link.is_early) if is_usable else "",
        **_describe_end(row, job),
        **(_get_posters(links) if is_ready else _get_sketches(row, links, is_active=is_active)),
    )


def _is_degraded(job: StatusRow, files: dict[str, str]) -> bool:
    """Return what ``Clip.is_degraded`` does, of a clip that is not ready."""
    return KINDS.ORIGINAL in files if job.was_reopened else job.state == State.READY_DEGRADED


def _describe_end(row, job: StatusRow | None) -> dict[str, Any]:
    """Return the text below the title: how long the clip is kept, its age, or the state of its job."""
    if row.deleted_at:
        return {"kept_until": date_format(row.deleted_at + timedelta(days=TRASH_DAYS), "SHORT_DATE_FORMAT")}
    if row.ready_at or job is None:
        return {"age": describe_age(row.created_at)}
    return {"status": registry.kind_named(job.kind).state_label(job), "look": state_look(job)}


def _get_posters(links: dict[str, str]) -> dict[str, str]:
    kinds = {"poster": KINDS.POSTER, "poster_large": KINDS.POSTER_LARGE, "preview": KINDS.PREVIEW}
    return {name: links.get(kind, "") for name, kind in kinds.items()}


def _get_sketches(row, links: dict[str, str], *, is_active: bool) -> dict[str, Any]:
    """Return the pictures of a clip without a video: its frame while it is drawn, or the picture that it starts from,
    unless that is in another workspace."""
    found = {"percent": (row.job__progress or 0) // 10}
    if is_active:
        found |= {"line": links.get(KINDS.SKETCH_LINES, ""), "start": links.get(KINDS.SKETCH, "")}
    if not found.get("start") and row.picture__key and row.picture__workspace_id == row.workspace_id:
        found["start"] = storage.create_link(row.picture__key)
    return found
