"""The limits on what a user or a workspace may do: one table, read through ``limit_of`` and ``consume_rate``.

The value of a limit is that of the workspace's plan, where billing is on and the plan names it, else that of the
settings. Bounds of forms, parsers, HTTP requests and providers are not limits of this kind and stay where they apply.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext_lazy

from accounts.billing.months import start_of_month, start_of_next_month
from accounts.billing.refusals import DELETE, FREE_SPACE, OWN_KEY, PLAN, WAIT, LimitReached

RATES = "ACCOUNT_RATE_LIMITS"  # allauth counts requests, and reads the rates from this setting
MONTH = "month"
MESSAGE_KINDS = {"bytes": "bytes", "minutes": "minutes", "names": "provider"}  # unit → kind of value in a message


@dataclass(frozen=True)
class Limit:
    """A limit, and the setting that overrides its default on this site. None as a value means no limit."""

    default: int | str | None
    setting: str
    unit: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class PlanLimit(Limit):
    """A limit that a plan may name.

    ``sentence``: says that it is reached, with ``used``, ``limit`` and ``needed`` in the unit; "" if it refuses
    nothing. ``ways``: what the user can do then. ``period``: MONTH if it is counted anew each month. What a workspace
    uses of it is counted by ``BillingHooks.limit_uses`` of the app that has the rows. ``is_offered``: may be named.
    """

    label: Any
    sentence: Any = ""
    ways: tuple[str, ...] = (PLAN,)
    period: str = ""
    is_offered: bool = True


PLAN_LIMITS = {
    "jobs_at_once": PlanLimit(
        10,
        "JOBS_PER_WORKSPACE",
        "jobs",
        "unfinished jobs of a workspace at the same time",
        label=gettext_lazy("Unfinished jobs"),
        sentence=gettext_lazy("Unfinished jobs: %(used)s of %(limit)s. This needs %(needed)s more."),
        ways=(WAIT, PLAN),
    ),
    "workers_share": PlanLimit(
        None,
        "WORKERS_SHARE",
        "percent",
        "of the workers that jobs of one workspace may occupy",
        label=gettext_lazy("Largest share of workers"),
    ),
    "seconds_a_month": PlanLimit(
        None,
        "SECONDS_A_MONTH",
        "seconds",
        "of video a month that the site pays for",
        label=gettext_lazy("Seconds of video a month at the studio’s expense"),
        sentence=gettext_lazy(
            "The studio pays for %(limit)s seconds of video a month. %(used)s are used, and this needs %(needed)s."
        ),
        ways=(OWN_KEY, PLAN),
        period=MONTH,
    ),
    "storage_bytes": PlanLimit(
        None,
        "STORAGE_PER_WORKSPACE",
        "bytes",
        "of all files of a workspace",
        label=gettext_lazy("Storage"),
        sentence=gettext_lazy("There is no room for this: %(used)s of %(limit)s of storage are used."),
        ways=(FREE_SPACE, PLAN),
    ),
    "stories": PlanLimit(
        None,
        "STORIES_PER_WORKSPACE",
        "stories",
        "of a workspace, outside the trash",
        label=gettext_lazy("Stories"),
        sentence=gettext_lazy("The limit of stories is reached: %(used)s of %(limit)s."),
        ways=(DELETE, PLAN),
    ),
    "members": PlanLimit(
        None,
        "MEMBERS_PER_WORKSPACE",
        "members",
        "of a workspace",
        label=gettext_lazy("Members"),
        sentence=gettext_lazy("The limit of members is reached: %(used)s of %(limit)s."),
        is_offered=False,  # nothing adds members yet
    ),
    "longest_clip": PlanLimit(
        None,
        "LONGEST_CLIP",
        "seconds",
        "of one clip, unless an own connection pays",
        label=gettext_lazy("Longest clip"),
        sentence=gettext_lazy("A clip of %(needed)s seconds is too long: the limit here is %(limit)s seconds."),
        ways=(OWN_KEY, PLAN),
    ),
    "highest_lines": PlanLimit(
        None,
        "HIGHEST_LINES",
        "lines",
        "of a clip, unless an own connection pays, and of a film",
        label=gettext_lazy("Highest resolution"),
        sentence=gettext_lazy("%(needed)sp is too high a resolution: the limit here is %(limit)sp."),
    ),
    "providers": PlanLimit(
        None,
        "ALLOWED_PROVIDERS",
        "names",
        "of providers whose connections of the site may be used",
        label=gettext_lazy("Providers"),
        sentence=gettext_lazy("%(needed)s is not included here."),
        ways=(OWN_KEY, PLAN),
    ),
    "film_minutes": PlanLimit(
        None,
        "FILM_MINUTES_A_MONTH",
        "minutes",
        "of films a month",
        label=gettext_lazy("Minutes of film a month"),
        sentence=gettext_lazy(
            "Films may take %(limit)s minutes a month. %(used)s are used, and this film takes %(needed)s."
        ),
        period=MONTH,
    ),
    "api_a_minute": PlanLimit(
        None,
        "API_CALLS_A_MINUTE",
        "requests",
        "to the API, which does not exist yet",
        label=gettext_lazy("API calls a minute"),
        is_offered=False,
    ),
    "exports": PlanLimit(
        None,
        "EXPORTS_A_MONTH",
        "downloads",
        "of several clips and films as one ZIP file a month",
        label=gettext_lazy("ZIP downloads a month"),
        sentence=gettext_lazy("The limit of ZIP downloads a month is reached: %(used)s of %(limit)s."),
        period=MONTH,
    ),
}
OFFERED_LIMITS = {name: limit for name, limit in PLAN_LIMITS.items() if limit.is_offered}

LIMITS = {
    **PLAN_LIMITS,
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
    "reading": Limit("30/m/user", RATES, "requests", "that read a text as scenes, also without creating them"),
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
    "buy": Limit("10/h/user", RATES, "requests", "to begin a purchase"),
    "voucher": Limit("5/15m/user,5/15m/ip", RATES, "requests", "to use a voucher, right or wrong"),
    "play": Limit("60/m/ip", RATES, "plays", "of works of the gallery, from one IP address"),
    "webhook": Limit("600/m/key", RATES, "requests", "from a provider, for one connection"),
}


def list_sentences() -> dict[str, Any]:
    """Return the sentences of the limits by their code in messages."""
    return {f"limit_{name}": limit.sentence for name, limit in PLAN_LIMITS.items() if limit.sentence}


def limit_of(workspace, name: str) -> int:
    """Return the value of a limit for a workspace, or for a user or guest without one (None)."""
    return int(read_limit(workspace, name))


def plan_limit_of(workspace, name: str) -> int | None:
    """Return the value of a limit that a plan may name; None for no limit."""
    value = read_limit(workspace, name)
    return None if value is None else int(value)


def allowed_providers(workspace) -> frozenset[str] | None:
    """Return the slugs of the providers whose connections of the site the workspace may use; None for all of them."""
    value = read_limit(workspace, "providers")
    return None if value is None else frozenset(value)


def read_limit(workspace, name: str):
    """Return a limit as the plan or the settings have it."""
    if settings.BILLING and workspace is not None and name in PLAN_LIMITS:
        from accounts.billing import held_plans  # not above: the settings import this module

        if name in (limits := held_plans.get_limits(workspace)):
            return limits[name]
    limit = LIMITS[name]
    return getattr(settings, limit.setting, limit.default)


def limit_reached(name: str, *, used: Any, limit: Any, needed: Any = None, ways: Iterable[str] | None = None):
    """Return the LimitReached of a limit, in whose unit the values are (minutes: in seconds). ``ways``: instead of
    those of the table."""
    row = PLAN_LIMITS[name]
    return LimitReached(
        name,
        used=used,
        limit=limit,
        needed=needed,
        kind=MESSAGE_KINDS.get(row.unit, ""),
        resets_at=start_of_next_month() if row.period == MONTH else None,
        ways=row.ways if ways is None else ways,
    )


def check_limit(
    workspace, name: str, *, count: Callable[[], int], needed: int = 1, ways: Iterable[str] | None = None
) -> None:
    """Raise LimitReached if ``needed`` more would exceed the limit. ``count()`` returns what is used; the function is
    called only where there is a limit. ``ways``: as in ``limit_reached``."""
    limit = plan_limit_of(workspace, name)
    if limit is not None and (used := count()) + needed > limit:
        raise limit_reached(name, used=used, limit=limit, needed=needed, ways=ways)


def count_act(workspace, name: str) -> None:
    """Count an act that leaves no rows, such as a download, against its limit a month. Raises LimitReached."""
    limit = plan_limit_of(workspace, name)
    if limit is None or workspace is None:
        return
    from accounts.billing.models import LimitCount  # not above: the settings import this module

    month = start_of_month().date()
    row, _created = LimitCount.objects.get_or_create(workspace=workspace, name=name, month=month)
    if not LimitCount.objects.filter(pk=row.pk, used__lt=limit).update(used=F("used") + 1):
        raise limit_reached(name, used=row.used, limit=limit, needed=1)


def count_exports(workspace) -> int:
    """Return how many downloads as ZIP the workspace made this month, as far as they were limited."""
    from accounts.billing.models import LimitCount  # not above: the settings import this module

    rows = LimitCount.objects.filter(workspace=workspace, name="exports", month=start_of_month().date())
    return next(iter(rows.values_list("used", flat=True)), 0)


def default_rates() -> dict:
    """Return the default of ``ACCOUNT_RATE_LIMITS``, as allauth writes rates: number / time / user, ip or key."""
    return {name: limit.default for name, limit in LIMITS.items() if limit.setting == RATES}


def consume_rate(request, name: str, *, key: str | None = None) -> bool:
    """Count a request against the rate ``name`` of its user, IP address or ``key``. Returns False if it is exceeded."""
    from allauth.core import ratelimit  # not above: the settings import this module

    return ratelimit.consume(request, action=name, key=key)
