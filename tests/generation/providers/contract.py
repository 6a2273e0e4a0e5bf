"""The table of adapters that the contract suite runs over, and what a fake must be able to do for it.

To add a provider, add its entry to ``CONTRACT``. Besides what ``tests/fakes/server.py`` asks for, its fake has

- ``told(task) -> dict``: what it was really asked for, read out of the request in the provider's own words:
  ``prompt``; ``pictures`` (the bytes, in the order start, last, references; also those that were uploaded before);
  ``video`` (bytes); ``seconds``; ``ratio`` ("16:9") or ``size`` ((width, height)); ``seed``; ``negative_prompt``.
  What the model cannot be told (one duration only, the ratio follows the picture, no seed) may be missing;
- a route named ``submit``, one named ``poll``, and one named ``look`` where ``find`` looks (or ``look=`` below);
- ``refusal(kind)`` for auth, quota, invalid, moderation, busy, broken;
- ``fault_success_without_url(request, act)`` for ``poll`` (or of the route named by ``without_film_at``).

``task.ends`` may be succeeded, failed, moderated; ``task.is_gone`` makes the provider forget it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from django.utils.module_loading import import_string

from generation.providers.faults import Fault
from generation.providers.remote import Stage

KINDS = {
    "auth": Fault.AUTH,
    "quota": Fault.QUOTA,
    "invalid": Fault.INVALID,
    "moderation": Fault.MODERATION,
    "busy": Fault.TRANSIENT,
    "broken": Fault.UNKNOWN,
}


@dataclass(frozen=True)
class Entry:
    """One adapter under the contract. Everything that is not said has the usual shape."""

    slug: str
    adapter: str
    fake: str
    keys: Mapping[str, str] = field(default_factory=dict)
    """Field → value; the empty ``api_key`` of the default is the fake's own ``key``."""
    extras: Mapping[str, object] = field(default_factory=dict)
    status_at: tuple = ("status",)
    """Where the status word stands in the answer to ``poll``: keys and list positions."""
    words: Mapping[object, Stage] = field(default_factory=dict)
    """The note's table: every status word and what it means. Said to a finished task."""
    not_refused: frozenset[str] = frozenset()
    """Refusals that this provider does not know at submit."""
    faults: Mapping[str, Fault] = field(default_factory=dict)
    """Refusals at submit that mean another thing here, and why is said in the entry."""
    lost: tuple[str, ...] = (
        "cut_after_create", "hang_after_create", "html_502_after_create", "no_json_after_create", "no_id_after_create",
        "huge_answer", "redirect_inside",
    )  # fmt: skip
    look: str = "look"
    """The route that ``find`` asks."""
    without_film_at: str = "poll"
    has_wrong_key: bool = True
    """False where no key is needed."""
    callback: Callable | None = None
    """``callback(fake, task, moment) -> (headers, body)`` as the provider would send it at that unix time."""
    is_signed: bool = False
    skips: Mapping[str, str] = field(default_factory=dict)
    """Name of a test of the suite → why it says nothing here; the adapter's own tests then say it."""

    def engine(self):
        return _engine(self.adapter)

    def make_fake(self, film: bytes):
        return import_string(self.fake)(film)

    def fault(self, kind: str) -> Fault:
        usual = KINDS[kind]
        if kind == "busy" and not self.engine().manners.busy_never_creates:
            usual = Fault.UNKNOWN
        return self.faults.get(kind, usual)


@cache
def _engine(path: str):
    return import_string(path)()


CONTRACT: tuple[Entry, ...] = ()
