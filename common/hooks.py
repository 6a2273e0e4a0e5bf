"""The contributions of each app to the apps below it.

An app builds one AppHooks in its ``hooks.py``, and its ``ready()`` registers the object.

The apps below read the hooks of all apps with ``values_of`` and ``merged`` and know nothing of the apps above them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PersonalData:
    """One part of what the site keeps about a user.

    ``collect(user)`` returns JSON-ready values. ``erase(user, on_progress)`` deletes the part, calls ``on_progress()``
    after each deletion, and may be called again after a crash.
    """

    collect: Callable[[Any], dict]
    erase: Callable[[Any, Callable[[], None]], None]


@dataclass(frozen=True)
class SettingsLink:
    """A page in the menu of the settings.

    ``group``: "account", "workspace" or "payments". ``views``: beginnings of the names of the views that belong to the
    page; the first is the full name of the view that the link leads to.
    """

    group: str
    label: Any
    icon: str
    views: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AppHooks:
    """The contributions of one app. Names in a mapping are unique over all apps, except those of ``slots``."""

    app: str

    job_kinds: Mapping[str, Any] = field(default_factory=dict)
    """Name → jobs.registry.JobKind."""

    job_cards: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    """Kind of job → ``render(job)``, which returns an <article class="job" id="job-…">, or ""."""

    job_card_loaders: Mapping[str, Callable[[list], None]] = field(default_factory=dict)
    """Kind of job → ``load(jobs)``, which reads what the cards of these jobs need, in a few queries."""

    live_topics: Mapping[str, Any] = field(default_factory=dict)
    """Kind of topics that pages show → common.live.topics.TopicKind."""

    job_pictures: Mapping[str, Callable[[list], dict]] = field(default_factory=dict)
    """Kind of job → ``pictures(jobs)``, which returns ``{job id: safe HTML}`` with an <img>, in about one query."""

    job_stories: Callable[[list], dict] | None = None
    """Return ``{job id: jobs.registry.JobStory}`` of those of the jobs whose story exists, in about one query."""

    stories_of_user: Callable[[Any], Iterable[tuple[str, str]]] | None = None
    """Return (id, title) of the stories that a user changed last."""

    list_providers: Callable[[], Iterable[tuple[str, str]]] | None = None
    """Return (slug, label) of the installed providers that jobs may have."""

    price_currencies: Callable[[], Iterable[str]] | None = None
    """Return the currencies of the prices that the site pays to providers."""

    event_messages: Mapping[str, Any] = field(default_factory=dict)
    """Code of an event's reason ``code|first|second`` → lazy text with {0}, {1}."""

    sentences: Mapping[str, Any] = field(default_factory=dict)
    """Code of a sentence in a common.messages.Message → lazy text with named values: %(provider)s."""

    message_values: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    """Kind of a value in a message → function that words the value for a reader: ``{"money": [450000, "USD"]}``."""

    audit_sentences: Mapping[str, Any] = field(default_factory=dict)
    """Verb of the audit log → lazy text with %(who)s and %(target)s."""

    provider_label: Callable[[str], str] | None = None
    """Return the label of the provider with that slug, or ""."""

    periodic_tasks: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    """Name → task. A worker runs each about twice an hour; a task must be short and safe to repeat."""

    due_tasks: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    """Dotted path of a function → whether something is due for it, in at most one quick query. The dispatcher asks
    every few seconds and lets a worker call the function, which must be safe to repeat."""

    run_soon: Callable[..., None] | None = None
    """``(path, *arguments)`` asks a worker to call the function at a dotted path soon. The request may be lost; inside
    a transaction it takes effect when that commits."""

    kept_work_folders: Sequence[str] = ()
    """Names of folders in WORK_DIR that outlive their jobs. A periodic task of the app keeps them small."""

    invariants: Mapping[str, Callable[[], Iterable[str]]] = field(default_factory=dict)
    """Name → check that reads rows only and returns a sentence for each violation."""

    slow_invariants: Mapping[str, Callable[[], Iterable[str]]] = field(default_factory=dict)
    """Name → check as above that also reads files."""

    health_checks: Sequence[Callable[[], Iterable[str]]] = ()
    """Checks that return a sentence for each problem that operators should repair although work gets done."""

    service_checks: Mapping[Any, Callable[[], str]] = field(default_factory=dict)
    """Lazy name of a service → check that returns its problem, or an empty string. Only the health page runs it."""

    privacy_parts: Mapping[str, PersonalData] = field(default_factory=dict)
    """Name of the part, which is also that of its file in the export → PersonalData."""

    transfer_guest_work: Callable[[Any, Any, Any], None] | None = None
    """``(guest_workspace, workspace, user)`` moves a guest's rows, inside the transaction of the sign-up."""

    guest_page: Callable[[Any, Any], tuple[str, str] | None] | None = None
    """``(session, guest_workspace)`` returns the path of the page of what a guest made, and a sentence that it was
    kept, which are for after the sign-up; None if the guest made nothing of the app."""

    empty_workspace: Callable[[Any], None] | None = None
    """Delete all rows and files of a workspace; may be called again after a failure halfway."""

    stop_erasure: Callable[..., bool] | None = None
    """``(user, by=operator)`` prevents a user's erasure. Returns False, and changes nothing, if it has begun."""

    jobs_awaited_by_erasure: Callable[[Any], Any] | None = None
    """Return a query of other users' unfinished jobs that need something of that user until they end."""

    user_figures: Callable[[list], dict] | None = None
    """``(users)`` returns ``{user id: {"jobs": 3, "active_jobs": 1, "bytes": 2048}}`` (any of these keys) about their
    own workspaces, with one or two queries. Operators see the sums over all apps."""

    rebuild_avatar: Callable[[Any], bytes] | None = None
    """Return an upload as a square WebP. Raises accounts.avatars.AvatarRefused."""

    avatar_link: Callable[[str], str] | None = None
    """Return a short-lived signed URL of an object in the clip store."""

    pictures_in_use: Callable[[], Any] | None = None
    """Return a query of ids of pictures that the app still shows."""

    storage_use: Callable[[Any], Mapping] | None = None
    """Return ``{lazy name of a kind: bytes}`` of what the app keeps in a workspace."""

    limit_uses: Mapping[str, Callable[[Any], int]] = field(default_factory=dict)
    """Name of a limit (accounts.billing.limits) → ``count(workspace)``, how much of the limit a workspace uses."""

    largest_files: Callable[[Any, int], Iterable[tuple[str, str, int]]] | None = None
    """``(workspace, limit)`` returns (title, URL, bytes) of the largest things the app keeps, largest first."""

    seconds_made: Mapping[str, Any] = field(default_factory=dict)
    """"clip" or "film" → expression of the seconds of the clip or film that a row's job made, by the row's ``job_id``;
    null if it made none. Usage is summed with it in the database."""

    kept_jobs: Callable[[Any, Any], Iterable[Any]] | None = None
    """``(workspace, since)`` returns the ids of the jobs of clips that are finished since that time and that the app
    uses: in a scene, a film, a published work."""

    describe_jobs: Callable[[Any, list], dict] | None = None
    """``(viewer, ids)`` returns ``{job id: (title, path)}`` of those of the jobs that the viewer may see."""

    describe_stories: Callable[[Any, list], dict] | None = None
    """``(viewer, ids)`` returns ``{story id: (title, path)}`` of those of the stories that the viewer may see."""

    superseded_clips: Callable[[Any], dict] | None = None
    """Return ``{clip id: message}`` of those of the clips (rows or ids) that another clip has replaced."""

    grouped_clips: Callable[[], Any] | None = None
    """Return a condition for clips that the library shows in groups, by the app's slot "library.groups"."""

    clips_created: Callable[[list, Any, str], None] | None = None
    """``(clips, spec, origin)`` reacts to new clips inside the transaction that creates them. ``origin``: what the page
    that led to Create sent along, unchecked; "" for none."""

    clip_links: Callable[[Any, Any], Any] | None = None
    """``(viewer, workspace id)`` returns the generation.library.tiles.ClipLink that the tiles of the clips of that
    workspace have for the viewer, or None."""

    clip_captions: Callable[[Any, Any], str] | None = None
    """``(user, clip)`` returns the path of the clip's subtitles (WebVTT), or ""."""

    clip_search_texts: Callable[[Any], Mapping[Any, list[str]]] | None = None
    """``(clip ids)`` returns texts by which a clip can be found, apart from its own."""

    library_filters: Mapping[str, Any] = field(default_factory=dict)
    """Name in the address → common.listing.Filter."""

    library_kinds: Mapping[str, Any] = field(default_factory=dict)
    """Value of the filter "kind" → generation.library.filters.LibraryKind."""

    search_indexes: Mapping[str, Any] = field(default_factory=dict)
    """Kind of a search document → common.search.index.SearchIndex."""

    asked_prompts: Callable[..., Iterable[Any]] | None = None
    """``(user, words, before, limit)`` returns the newest prompts (generation.prompts.history.Asked) that the user may
    see, contain ``words`` and were asked before that time."""

    reencrypt_secrets: Callable[[], tuple[int, list]] | None = None
    """Encrypt all secrets of the app with the first of CONNECTION_KEYS. Returns how many were encrypted again, and the
    ids of connections with a secret that no key decrypts."""

    settings_links: Callable[[Any, str], Iterable[SettingsLink]] | None = None
    """``(viewer, name of the current view)`` yields the app's pages in the menu of the settings."""

    slots: Mapping[str, Sequence[Callable[[Any], str]]] = field(default_factory=dict)
    """Name of a slot → renderers, each ``render(context)`` returns safe HTML, or ""."""


_registered: dict[str, AppHooks] = {}  # by app, lowest app first


def register(hooks: AppHooks) -> None:
    """Add an app's hooks. Raises ValueError if another app uses a name that must be unique."""
    for other in _registered.values():
        if other.app != hooks.app:
            _check_names(other, hooks)
    _registered[hooks.app] = hooks


def _check_names(one: AppHooks, other: AppHooks) -> None:
    for name, value in vars(one).items():
        if isinstance(value, Mapping) and name != "slots" and (both := value.keys() & getattr(other, name).keys()):
            raise ValueError(f"{one.app} and {other.app} both register {name} {', '.join(sorted(both))}")


def values_of(name: str) -> Iterator[Any]:
    """Yield the value of a field of AppHooks of each app that set it, lowest app first."""
    return (value for hooks in list(_registered.values()) if (value := getattr(hooks, name)))


def merged(name: str) -> dict[str, Any]:
    """Return a mapping field of AppHooks merged over all apps, lowest app first."""
    return {key: value for mapping in values_of(name) for key, value in mapping.items()}
