"""Base class of adapters for remote providers, and the values that they exchange with the worker.

An adapter is stateless and knows nothing about jobs, money or rows. It translates requests and responses, never repeats
a request and never decides what happens next: the worker does (generation/worker). Its methods raise NotSent, NoAnswer
or RemoteError (errors.py) and nothing else.
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
from generation.providers.http.client import Answer, HttpClient, build_client, fetch_file
from generation.providers.statuses import classify_status, is_server_error
from generation.providers.traits import Billing, ProviderTraits, Recovery, Stopping, model_traits  # noqa: F401 - for adapters


@dataclass(frozen=True)
class KeyField:
    """A field of the form for a connection. Secrets are write-only."""

    name: str
    label: str | Promise
    is_secret: bool = True
    is_required: bool = True
    hint: str | Promise = ""
    is_header: bool = False  # the value is the name of an HTTP header
    is_address: bool = False  # the value is an https:// address
    is_used_for_polling: bool = False  # tasks are polled with it, so a change would lose them


@dataclass(frozen=True)
class OpenConnection:
    """A connection with decrypted keys, only in memory. ``webhook`` is our address for callbacks."""

    keys: Mapping[str, str]
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    allows_private: bool = False
    webhook: str = ""
    extras: Mapping[str, object] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"OpenConnection({self.base_url})"  # never the keys


@dataclass(frozen=True)
class Prepared:
    """A request ready to send, with files uploaded or encoded. Nothing is bought yet, and preparing may be repeated."""

    body: dict
    handle: dict = field(default_factory=dict)
    """Values for polling that are known before the response, such as the kind of task."""


@dataclass(frozen=True)
class Submitted:
    """An accepted task: the provider's ``task_id``, and what polling needs as JSON without secrets (``handle``)."""

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
    """Address of a finished video. ``needs_key``: the download needs the connection's headers, if on its own host."""

    url: str
    needs_key: bool = False


@dataclass(frozen=True)
class Snapshot:
    """State of a task. ``progress`` in thousandths; ``cost`` in the provider's own units, for administrators.

    An unknown status is RUNNING with the word in ``note``. SUCCEEDED has an output; FAILED has an error.
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
    """Result of a search that did not find the submission."""

    ABSENT = "absent"  # not in the list; ProviderTraits.absence_is_proof says whether that proves anything
    UNDECIDED = "undecided"  # the search failed, or several tasks match


@dataclass(frozen=True)
class Lost:
    """A submission without a response: what we sent and when. ``is_taken(task_id)``: it belongs to another job."""

    ref: str
    sent_at: datetime
    request: ClipRequest
    handle: dict
    is_taken: Callable[[str], bool]


@dataclass(frozen=True)
class Event:
    """Task or reference named by a verified callback; one of the two is set. Nothing else of it is used."""

    task_id: str = ""
    ref: str = ""


class Forged(Exception):
    """The callback is not verified."""


class RemoteProvider(Provider):
    """A provider reached over HTTP through a connection of a user, a workspace or the site."""

    base_url: str
    """The provider's public address; empty if each connection must give one."""
    key_fields: tuple[KeyField, ...] = (KeyField("api_key", "API key"),)
    declared = ProviderTraits()
    """Traits that administrators may override."""
    setting_errors: Mapping[str, str | Promise] = {}
    """Refusal code caused by a setting of the connection → message that says what to change."""
    doc_url = ""
    """Page where a user gets a key."""
    input_modes: frozenset[Mode] = frozenset(Mode) - {Mode.VIDEO}
    """Modes that the adapter supports; no model row may add others."""
    supported_settings: frozenset[str] = catalogue.SETTINGS
    """Those of the three settings that the adapter can send; no model row may add others."""
    callback_response = ""
    """Exact body of our response to a callback; any 2xx if empty."""
    needs_picture_urls = False
    """Pictures are only accepted by address, so the studio publishes a signed link."""
    answer_limit = answer_limits.TASK_BYTES
    """Bytes of a response about one task: more than the default only if it may contain a video or pictures."""
    is_usually_private = False
    """Usually in a private network (ComfyUI), whose address an administrator must allow."""

    @property
    def traits(self) -> ProviderTraits:
        return overrides.override_traits(self.slug, self.declared)

    def traits_of(self, model: str) -> ProviderTraits:
        """Return the traits for one model, which may support less than the provider."""
        offered = (row for row in self.capabilities() if model in ("", row.model))
        capability = next(offered, None) or catalogue.find_withdrawn(self.slug, model)
        return model_traits(self.traits, capability) if capability else self.traits

    def capabilities(self) -> tuple[Capability, ...]:
        return catalogue.capabilities(self.slug, self.supported_settings)

    def estimate(self, request: ClipRequest) -> Estimate:
        return catalogue.estimate(self.slug, request)

    def require_model(self, request: ClipRequest) -> Capability:
        """Return the requested model. Raises RemoteError INVALID if it or a setting is not supported."""
        try:
            capability = self.capability(request.model)
        except KeyError:
            raise input_files.unavailable_model(request.model) from None
        if request.mode not in self.input_modes:
            raise input_files.unsupported_mode(request, capability)
        if request.negative_prompt and "negative_prompt" not in self.supported_settings:
            raise input_files.unsupported_negative_prompt(capability)
        return capability

    def client(self, connection: OpenConnection) -> HttpClient:
        return HttpClient(
            connection.base_url, {**connection.headers, **self.auth(connection)}, connection.allows_private
        )

    @abstractmethod
    def auth(self, connection: OpenConnection) -> dict[str, str]:
        """Return the headers with the key; called per request, since some are signed with the time."""

    @abstractmethod
    def check(self, connection: OpenConnection) -> str:
        """Send one free authenticated GET. Returns a short message. Raises RemoteError if it is refused."""

    @abstractmethod
    def prepare(self, connection: OpenConnection, request: ClipRequest, ref: str) -> Prepared:
        """Encode or upload the files and build the body; may be repeated."""

    @abstractmethod
    def submit(self, connection: OpenConnection, prepared: Prepared, ref: str) -> Submitted:
        """Send exactly one POST. A 2xx without a usable id raises RemoteError UNKNOWN."""

    @abstractmethod
    def poll(self, connection: OpenConnection, handle: dict) -> Snapshot:
        """Query the task once. Raises RemoteError LOST for "no such task"; TRANSIENT and NoAnswer change nothing."""

    def cancel(self, connection: OpenConnection, handle: dict) -> Stopped:
        return Stopped.UNSUPPORTED

    def find(self, connection: OpenConnection, lost: Lost) -> Submitted | Search:
        """Search for a submission without a response. Read-only."""
        return Search.UNDECIDED

    def fetch(
        self, connection: OpenConnection, output: Output, target: Path, progress: Callable[[int, int], None]
    ) -> str:
        """Download the video to ``target``. Returns its content type. The key is only sent to the own host."""
        own = urlsplit(connection.base_url)
        is_own_host = output.needs_key and urlsplit(output.url)[:2] == own[:2]
        headers = {**connection.headers, **self.auth(connection)} if is_own_host else None
        return fetch_file(output.url, target, headers=headers, progress=progress, **_allowed_hosts(connection))

    def open_upload(self, connection: OpenConnection, url: str) -> HttpClient:
        """Return a client without the key for uploading a file to an address that the provider named. Raises NotSent
        for an address that downloads may not use either."""
        return build_client(url, **_allowed_hosts(connection))

    def read_callback(self, connection: OpenConnection, headers: Mapping[str, str], body: bytes) -> Event:
        """Verify and read a callback. Raises Forged. Unsigned callbacks are protected by their secret path."""
        raise Forged

    def has_callbacks(self, connection: OpenConnection, handle: dict) -> bool:
        """Return whether the submission with this handle requested callbacks that can be verified."""
        return bool(connection.webhook)

    def answer_challenge(self, body: bytes) -> dict | None:
        """Return the JSON response to a provider's test of the callback address; None for every other callback."""
        return None

    def raise_refusal(self, answer: Answer, *, is_submit: bool, code="", detail="", fault: Fault | None = None):
        """Raise RemoteError for a response that is not 2xx, by its status unless the adapter gives a ``fault``."""
        if is_submit and is_server_error(answer.status):
            fault = Fault.UNKNOWN  # a gateway may have sent it after the task was created
        raise RemoteError(
            fault or classify_status(answer.status, is_submit=is_submit, is_busy_refusal=self.traits.is_busy_refusal),
            code or f"http_{answer.status}",
            detail or answer.body[:600].decode("utf-8", "replace"),
            status=answer.status,
            request_id=request_ids.find_request_id(answer),
            retry_after=answer.retry_after,
        )


def _allowed_hosts(connection: OpenConnection) -> dict:
    """Hosts outside the public web that addresses named by this provider may use."""
    home = urlsplit(connection.base_url).netloc
    hosts = (home,) if connection.allows_private else ()
    if home in settings.PROVIDER_PRIVATE_HOSTS:  # only such a provider may name private hosts
        hosts += tuple(settings.PROVIDER_PRIVATE_HOSTS)
    return {"private_hosts": hosts, "home": home}
