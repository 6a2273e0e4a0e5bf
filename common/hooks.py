"""The contributions of each app to the apps below it.

An app that reads contributions declares them beside its readers: a frozen dataclass of Hooks, whose fields have
defaults, such as jobs.hooks.JobHooks. An app above builds objects of these classes in its ``contributions.py``, and its
``ready()`` registers them. The readers know nothing of the apps above.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


class Hooks:
    """Contributions of apps. Each subclass keeps one object of each app.

    Names in a mapping are unique over all apps, except those of ``SHARED`` fields.
    """

    SHARED: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def values_of(cls, name: str) -> Iterator[Any]:
        """Yield the value of a field of each app that set it, lowest app first."""
        return (value for own in list(_registered.get(cls, {}).values()) if (value := getattr(own, name)))

    @classmethod
    def merged(cls, name: str) -> dict[str, Any]:
        """Return a mapping field merged over all apps, lowest app first."""
        return {key: value for mapping in cls.values_of(name) for key, value in mapping.items()}


_registered: dict[type[Hooks], dict[str, Hooks]] = {}  # class → app → its object, lowest app first


def register(app: str, *contributions: Hooks) -> None:
    """Add an app's contributions. Raises ValueError if another app uses a name that must be unique."""
    for own in contributions:
        others = _registered.setdefault(type(own), {})
        for other, hooks in others.items():
            if other != app:
                _check_names(other, hooks, app, own)
        others[app] = own


def _check_names(one: str, hooks: Hooks, other: str, own: Hooks) -> None:
    for name, value in vars(hooks).items():
        if not isinstance(value, Mapping) or name in hooks.SHARED:
            continue
        if both := value.keys() & getattr(own, name).keys():
            raise ValueError(f"{one} and {other} both register {name} {', '.join(sorted(both))}")


@dataclass(frozen=True)
class OwnedFile:
    """A file in storage that a row owns. ``bytes`` and ``sha256`` are those on record, None and "" if no row has them.

    ``must_exist``: False for a file that a step may not have made yet, or may have deleted.
    """

    key: str
    bytes: int | None = None
    sha256: str = ""
    must_exist: bool = True


@dataclass(frozen=True, kw_only=True)
class SiteHooks(Hooks):
    """What one app contributes to the site: sentences, parts of pages, tasks and checks."""

    SHARED = frozenset({"slots"})

    sentences: Mapping[str, Any] = field(default_factory=dict)
    """Code of a sentence in a common.messages.Message → lazy text with named values: %(provider)s."""

    message_values: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)
    """Kind of a value in a message → function that words the value for a reader: ``{"money": [450000, "USD"]}``."""

    slots: Mapping[str, Sequence[Callable[[Any], str]]] = field(default_factory=dict)
    """Name of a slot → renderers, each ``render(context)`` returns safe HTML, or ""."""

    search_indexes: Mapping[str, Any] = field(default_factory=dict)
    """Kind of a search document → common.search.index.SearchIndex."""

    live_topics: Mapping[str, Any] = field(default_factory=dict)
    """Kind of topics that pages show → common.live.topics.TopicKind."""

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

    owned_files: Mapping[str, Callable[[], Iterable[OwnedFile]]] = field(default_factory=dict)
    """Folder in storage → function that returns all files in it that rows own. What is there besides is deleted by
    ``manage.py orphans --delete``, and not in a backup."""

    invariants: Mapping[str, Callable[[], Iterable[str]]] = field(default_factory=dict)
    """Name → check that reads rows only and returns a sentence for each violation."""

    slow_invariants: Mapping[str, Callable[[], Iterable[str]]] = field(default_factory=dict)
    """Name → check as above that also reads files."""

    health_checks: Sequence[Callable[[], Iterable[str]]] = ()
    """Checks that return a sentence for each problem that operators should repair although work gets done."""

    service_checks: Mapping[Any, Callable[[], str]] = field(default_factory=dict)
    """Lazy name of a service → check that returns its problem, or an empty string. Only the health page runs it."""

    reencrypt_secrets: Callable[[], tuple[int, list]] | None = None
    """Encrypt all secrets of the app with the first of CONNECTION_KEYS. Returns how many were encrypted again, and the
    ids of connections with a secret that no key decrypts."""
