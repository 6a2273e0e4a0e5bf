"""The face of an engine that draws elsewhere: what it needs to be reached, and the five things it is asked to do.

An adapter is stateless and knows nothing of jobs, money or rows. It turns a request into the provider's words, and
the provider's answers into ours. It never repeats a request and never decides what happens next: the steps do
(generation/steps). Everything below raises NotSent, NoAnswer or RemoteError (see faults.py) and nothing else.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise

from generation.providers import catalogue, input_files, overrides
from generation.providers.base import Capability, ClipRequest, Estimate, Mode, Provider
from generation.providers.errors import Fault, RemoteError
from generation.providers.http import answer_limits, request_ids
from generation.providers.http.client import Answer, HttpClient, client_for, fetch_file
from generation.providers.statuses import fault_of, is_trouble
from generation.providers.traits import Billing, ProviderTraits, Recovery, Stopping, model_traits  # noqa: F401 - for adapters


@dataclass(frozen=True)
class KeyField:
    """One thing a person pastes to connect an account. Secrets are write-only."""

    name: str
    label: str | Promise
    is_secret: bool = True
    is_required: bool = True
    hint: str | Promise = ""
    is_header: bool = False  # it names an HTTP header
    is_asked_with: bool = False  # what was submitted is asked after with it: changed, nobody would know it there


@dataclass(frozen=True)
class Account:
    """A connection as an adapter sees it: opened, only ever in memory. ``webhook`` is our address for callbacks."""

    keys: Mapping[str, str]
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    allows_private: bool = False
    webhook: str = ""
    extras: Mapping[str, object] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Account({self.base_url})"  # never the keys


@dataclass(frozen=True)
class Prepared:
    """A request ready to be sent: files are uploaded or encoded. Nothing has been bought. Making it may be repeated."""

    body: dict
    handle: dict = field(default_factory=dict)
    """What polling will need that is known before the answer (the kind of task, the API's generation)."""


@dataclass(frozen=True)
class Submitted:
    """The provider took it: ``task_id`` is its name for it, ``handle`` what polling needs, as JSON without secrets."""

    task_id: str
    handle: dict = field(default_factory=dict)


class Stage(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Output:
    """Where a finished film lies. ``needs_key``: the account's own headers must go with the request, to that host."""

    url: str
    needs_key: bool = False


@dataclass(frozen=True)
class Snapshot:
    """How a task stands. ``progress`` in thousandths; ``cost`` in the provider's own units, as words for operators.

    A status word that the adapter does not know is RUNNING with the word in ``note``. SUCCEEDED has an
    output; FAILED has an error.
    """

    stage: Stage
    progress: int | None = None
    position: int | None = None
    output: Output | None = None
    error: RemoteError | None = None
    cost: str = ""
    retry_after: float | None = None
    note: str = ""


class Stopped(StrEnum):
    DONE = "done"
    REQUESTED = "requested"
    TOO_LATE = "too_late"
    UNSUPPORTED = "unsupported"


class Search(StrEnum):
    """What looking for a lost submission came to, when it was not found."""

    ABSENT = "absent"  # this look did not show it; whether that proves anything, ProviderTraits says
    UNDECIDED = "undecided"  # the look itself failed, or several could be it


@dataclass(frozen=True)
class Lost:
    """A submission whose answer never came: what we sent and when. ``is_taken(task_id)``: another job's already."""

    ref: str
    sent_at: datetime
    request: ClipRequest
    handle: dict
    is_taken: Callable[[str], bool]


@dataclass(frozen=True)
class Event:
    """What a genuine callback speaks of: one of the two is set. Nothing else of it is believed."""

    task_id: str = ""
    ref: str = ""


class Forged(Exception):
    """A callback that does not prove where it comes from."""


class RemoteProvider(Provider):
    """An engine reached over HTTP with a person's, a workspace's or the site's own account."""

    base_url: str
    """The provider's public address; empty where the person must give one."""
    key_fields: tuple[KeyField, ...] = (KeyField("api_key", "API key"),)
    declared = ProviderTraits()
    """What the engine is told of the provider's ways, unless an operator knows better."""
    mistakes: Mapping[str, str | Promise] = {}
    """The code of a refusal that one setting of the account is to blame for → what is wrong with it and what to do."""
    doc_url = ""
    """Where a person gets a key."""
    starts: frozenset[Mode] = frozenset(Mode) - {Mode.VIDEO}
    """What it has words for: operators let no model of its start from anything else."""
    tells: frozenset[str] = catalogue.TELLS
    """Which of these three it has words for: operators let no form ask for another, which would be left out."""
    receipt = ""
    """What a callback must hear, letter by letter; where it is empty any 2xx will do."""
    fetches_pictures = False
    """The last resort: it takes pictures in no other way than from a public address, so the studio lends one."""
    answer_limit = answer_limits.TASK_BYTES
    """Bytes that its answer about one task may have: more only where a film or pictures may stand in it."""
    is_private_by_nature = False
    """Usually stands in one's own network (ComfyUI): an operator must allow its address."""

    @property
    def traits(self) -> ProviderTraits:
        return overrides.override_traits(self.slug, self.declared)

    def traits_of(self, model: str) -> ProviderTraits:
        """Of a task of one of its models, which may be found, stopped or watched less well than the others."""
        offered = (each for each in self.capabilities() if model in ("", each.model))
        said = next(offered, None) or catalogue.withdrawn(self.slug, model)
        return model_traits(self.traits, said) if said else self.traits

    def capabilities(self) -> tuple[Capability, ...]:
        return catalogue.capabilities(self.slug, self.tells)

    def estimate(self, request: ClipRequest) -> Estimate:
        return catalogue.estimate(self.slug, request)

    def able(self, request: ClipRequest) -> Capability:
        """The model asked for. RemoteError INVALID for one withdrawn since, and for what would have to be left out."""
        try:
            capability = self.capability(request.model)
        except KeyError:
            raise input_files.not_offered(request.model) from None
        if request.mode not in self.starts:
            raise input_files.no_start(request, capability)
        if request.negative_prompt and "negative_prompt" not in self.tells:
            raise input_files.no_negative(capability)
        return capability

    def client(self, account: Account) -> HttpClient:
        return HttpClient(account.base_url, {**account.headers, **self.auth(account)}, account.allows_private)

    @abstractmethod
    def auth(self, account: Account) -> dict[str, str]:
        """The headers that carry the key; made per request, since some of them are signed with the time."""

    @abstractmethod
    def check(self, account: Account) -> str:
        """One cheap authenticated GET that costs nothing: a short line of what it told. RemoteError if it refuses."""

    @abstractmethod
    def prepare(self, account: Account, request: ClipRequest, ref: str) -> Prepared:
        """Encode or upload what goes with the request and write the body; may be repeated freely."""

    @abstractmethod
    def submit(self, account: Account, prepared: Prepared, ref: str) -> Submitted:
        """Exactly one POST. A 2xx without a usable id raises RemoteError UNKNOWN."""

    @abstractmethod
    def poll(self, account: Account, handle: dict) -> Snapshot:
        """Ask once. RemoteError LOST for "no such task"; TRANSIENT and NoAnswer change nothing."""

    def cancel(self, account: Account, handle: dict) -> Stopped:
        return Stopped.UNSUPPORTED

    def find(self, account: Account, lost: Lost) -> Submitted | Search:
        """Look for a submission whose answer was lost. Read-only."""
        return Search.UNDECIDED

    def fetch(self, account: Account, output: Output, target: Path, progress: Callable[[int, int], None]) -> str:
        """Bring the film to ``target``; its content type. The key goes only to the account's own host."""
        own = urlsplit(account.base_url)
        goes_home = output.needs_key and urlsplit(output.url)[:2] == own[:2]
        headers = {**account.headers, **self.auth(account)} if goes_home else None
        return fetch_file(output.url, target, headers=headers, progress=progress, **_places(account))

    def store(self, account: Account, url: str) -> HttpClient:
        """To where the provider wants a file brought that belongs to a request; without the key. NotSent for a place
        that results may not lie at either."""
        return client_for(url, **_places(account))

    def event(self, account: Account, headers: Mapping[str, str], body: bytes) -> Event:
        """Whom a callback speaks of; Forged when it is signed wrongly. Unsigned ones are kept off by a secret path."""
        raise Forged

    def calls_back(self, account: Account, handle: dict) -> bool:
        """Whether what was sent through this account with this handle asked for callbacks that will be believed."""
        return bool(account.webhook)

    def echo(self, body: bytes) -> dict | None:
        """What a callback wants back as JSON when a provider first tries the address; None for every other one."""
        return None

    def refuse(self, answer: Answer, *, is_submit: bool, code="", detail="", fault: Fault | None = None):
        """Raise what an answer that is not 2xx means, by its status unless the adapter knows better (``fault``)."""
        if is_submit and is_trouble(answer.status):
            fault = Fault.UNKNOWN  # whoever stands before the provider may have said it after the task was created
        raise RemoteError(
            fault or fault_of(answer.status, is_submit=is_submit, is_busy_refusal=self.traits.is_busy_refusal),
            code or f"http_{answer.status}",
            detail or answer.body[:600].decode("utf-8", "replace"),
            status=answer.status,
            request_id=request_ids.find_request_id(answer),
            retry_after=answer.retry_after,
        )


def _places(account: Account) -> dict:
    """Where that is not on the web what an account's provider names may lie."""
    home = urlsplit(account.base_url).netloc
    hosts = (home,) if account.allows_private else ()
    if home in settings.PROVIDER_PRIVATE_HOSTS:  # only such a provider may name such places
        hosts += tuple(settings.PROVIDER_PRIVATE_HOSTS)
    return {"private_hosts": hosts, "home": home}
