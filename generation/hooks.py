"""What the apps above contribute to clips and their library (common.hooks)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from common.hooks import Hooks


@dataclass(frozen=True, kw_only=True)
class ClipHooks(Hooks):
    """What one app contributes: what it makes of clips, and what the library lists and finds beside them."""

    superseded_clips: Callable[[Any], dict] | None = None
    """Return ``{clip id: message}`` of those of the clips (rows or ids) that another clip has replaced."""

    grouped_clips: Callable[[], Any] | None = None
    """Return a condition for clips that the whole library shows as groups, which are a kind of ``wall_kinds``."""

    clips_created: Callable[[list, Any, str], None] | None = None
    """``(clips, spec, origin)`` reacts to new clips inside the transaction that creates them. ``origin``: what the page
    that led to Create sent along, unchecked; "" for none."""

    clip_captions: Callable[[Any, Any], str] | None = None
    """``(viewer, clip)`` returns the path of the clip's subtitles (WebVTT), or ""."""

    clip_search_texts: Callable[[Any], Mapping[Any, list[str]]] | None = None
    """``(clip ids)`` returns texts by which a clip can be found, apart from its own."""

    library_filters: Mapping[str, Any] = field(default_factory=dict)
    """Name in the address → common.listing.Filter."""

    library_kinds: Mapping[str, Any] = field(default_factory=dict)
    """Value of the filter "kind" → generation.library.filters.LibraryKind."""

    wall_kinds: Mapping[str, Any] = field(default_factory=dict)
    """Name → generation.library.filters.WallKind of what stands among the clips of the whole library."""

    asked_prompts: Callable[..., Iterable[Any]] | None = None
    """``(user, words, before, limit)`` returns the newest prompts (generation.prompts.history.Asked) that the user may
    see, contain ``words`` and were asked before that time."""

    pictures_in_use: Callable[[], Any] | None = None
    """Return a query of ids of pictures that the app still shows."""

    clip_links: Callable[[Any, Any], Any] | None = None
    """``(viewer, workspace id)`` returns the generation.library.tiles.ClipLink that the tiles of the clips of that
    workspace have for the viewer, or None."""
