"""The limits on what a user or a workspace may do: one table, read through ``limit_of`` and ``consume_rate``.

Bounds of forms, parsers, HTTP requests and providers are not limits of this kind and stay where they apply.
"""

from dataclasses import dataclass

from django.conf import settings

RATES = "ACCOUNT_RATE_LIMITS"  # allauth counts requests, and reads the rates from this setting


@dataclass(frozen=True)
class Limit:
    """A limit, and the setting that overrides its default on this site."""

    default: int | str
    setting: str
    unit: str
    meaning: str


LIMITS = {
    "jobs": Limit(10, "JOBS_PER_WORKSPACE", "jobs", "unfinished jobs of a workspace at the same time"),
    "selected_jobs": Limit(200, "JOBS_PER_SELECTION", "jobs", "that one action on the jobs page applies to"),
    "guest_clips": Limit(1, "CLIPS_PER_GUEST", "clips", "that somebody without an account may make"),
    "guest_films": Limit(1, "FILMS_PER_GUEST", "films", "that somebody without an account may make"),
    "connections": Limit(50, "CONNECTIONS_PER_OWNER", "connections", "of one user, and of one workspace"),
    "workflows": Limit(50, "WORKFLOWS_PER_WORKSPACE", "workflows", "that members of a workspace uploaded"),
    "prompt_templates": Limit(500, "PROMPT_TEMPLATES_PER_OWNER", "templates", "of one user, and of one workspace"),
    "saved_searches": Limit(50, "SEARCHES_PER_USER", "searches", "of the library that a user keeps"),
    "video_bytes": Limit(200_000_000, "VIDEO_BYTES", "bytes", "of one uploaded video"),
    "video_seconds": Limit(60, "VIDEO_SECONDS", "seconds", "of one uploaded video"),
    "video_storage": Limit(5_000_000_000, "VIDEO_BYTES_PER_WORKSPACE", "bytes", "of all videos of a workspace"),
    "music_bytes": Limit(100_000_000, "MUSIC_BYTES", "bytes", "of one uploaded music track"),
    "music_storage": Limit(3_000_000_000, "MUSIC_BYTES_PER_WORKSPACE", "bytes", "of all music of a workspace"),
    "collections": Limit(200, "COLLECTIONS_PER_WORKSPACE", "collections", "of clips of a workspace"),
    "uploaded_pictures": Limit(10, "PICTURES_PER_UPLOAD", "images", "that one upload to the library may hold"),
    "scenes": Limit(300, "SCENES_PER_STORY", "scenes", "of a story"),
    "characters": Limit(200, "CHARACTERS_PER_STORY", "characters", "of a story, and of a workspace"),
    "character_pictures": Limit(8, "PICTURES_PER_CHARACTER", "pictures", "of a character"),
    "submit": Limit("30/m/user", RATES, "requests", "that start jobs"),
    "story": Limit("20/m/user", RATES, "requests", "that create stories"),
    "film": Limit("10/m/user", RATES, "requests", "that start films"),
    "upload": Limit("30/m/user", RATES, "requests", "with an image, music or prompts"),
    "avatar": Limit("10/m/user", RATES, "requests", "with a profile picture"),
    "guest_clip": Limit("10/h/ip", RATES, "requests", "for clips without an account, from one IP address"),
    "guest_film": Limit("5/h/ip", RATES, "requests", "for films without an account, from one IP address"),
    "comment": Limit("30/h/user,2/m/user", RATES, "comments", "on works of the gallery"),
    "like": Limit("120/h/user", RATES, "likes", "of works, given or taken back, and saves to playlists"),
    "follow": Limit("60/h/user", RATES, "requests", "to follow, mute or block authors"),
    "playlists": Limit(100, "PLAYLISTS_PER_WORKSPACE", "playlists", "of a workspace"),
    "playlist_works": Limit(500, "WORKS_PER_PLAYLIST", "works", "of a playlist"),
    "publish": Limit("20/d/user", RATES, "requests", "that publish works"),
    "report": Limit("20/d/user", RATES, "reports", "of works, comments and profiles"),
    "visitor_report": Limit("20/d/ip", RATES, "reports", "without an account, from one IP address"),
    "play": Limit("60/m/ip", RATES, "plays", "of works of the gallery, from one IP address"),
    "webhook": Limit("600/m/key", RATES, "requests", "from a provider, for one connection"),
}


def limit_of(workspace, name: str) -> int:
    """Return the value of a limit for a workspace, or for a user or guest without one (None): the same for all of
    them."""
    limit = LIMITS[name]
    return int(getattr(settings, limit.setting, limit.default))


def default_rates() -> dict:
    """Return the default of ``ACCOUNT_RATE_LIMITS``, as allauth writes rates: number / time / user, ip or key."""
    return {name: limit.default for name, limit in LIMITS.items() if limit.setting == RATES}


def consume_rate(request, name: str, *, key: str | None = None) -> bool:
    """Count a request against the rate ``name`` of its user, IP address or ``key``. Returns False if it is exceeded."""
    from allauth.core import ratelimit  # not above: the settings import this module

    return ratelimit.consume(request, action=name, key=key)
