"""Base class of adapters for remote providers, and the values that they exchange with the worker.

An adapter is stateless and knows nothing about jobs, money or rows. It translates requests and responses, never repeats
a request and never decides what happens next: the worker does (generation/worker). Its methods raise NotSent, NoAnswer
or RemoteError (errors.py) and nothing else.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
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

FLAG_ON = "yes"  # value of a checked box among the facts of a connection


@dataclass(frozen=True)
class KeyField:
    """A field that the form for a connection has for this provider. Secret values are never displayed."""

    name: str
    label: str | Promise
    is_secret: bool = True
    is_required: bool = True
    hint: str | Promise = ""
    is_header: bool = False  # the value is the name of an HTTP header
    is_address: bool = False  # the value is an https:// address
    is_flag: bool = False  # a box; the value is FLAG_ON if it is checked
    is_used_for_polling: bool = False  # polling uses the value, so tasks in progress would be lost if it changed


@dataclass(frozen=True)
class OpenConnection:
    """A connection with decrypted keys, only in memory. ``webhook`` is the studio's URL for callbacks, or ""."""

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
    """A request that is ready to be sent, with its files uploaded or encoded. Nothing is bought yet."""

    body: dict
    handle: dict = field(default_factory=dict)
    """Values that polling needs and that are known before the response, such as the kind of task."""


@dataclass(frozen=True)
class Submitted:
    """An accepted task: the provider's ``task_id``, and the values that polling needs, as JSON without secrets."""

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
    """URL of a finished video. ``needs_key``: send the connection's headers, if the URL is on the connection's host."""

    url: str
    needs_key: bool = False


@dataclass(frozen=True)
class Snapshot:
    """State of a task.

    ``progress``: thousandths. ``position``: place in the provider's queue, from 1. ``cost``: in the provider's own
    units, for administrators. ``retry_after``: seconds. An unknown status is RUNNING with the provider's word in
    ``note``. SUCCEEDED has an output; FAILED has an error.
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
    """Result of a search that did not find exactly one task for the submission."""

    ABSENT = "absent"  # no task matches; ProviderTraits.absence_is_proof tells whether that proves there is none
    UNDECIDED = "undecided"  # the search failed, or several tasks match


@dataclass(frozen=True)
class Lost:
    """A submission without a response: what we sent and when. ``is_taken(task_id)``: another job has that task."""

    ref: str
    sent_at: datetime
    request: ClipRequest
    handle: dict
    is_taken: Callable[[str], bool]


@dataclass(frozen=True)
class Event:
    """The task id or our reference, which is all that is read from a verified callback."""

    task_id: str = ""
    ref: str = ""


class Forged(Exception):
    """The callback could not be verified."""


class RemoteProvider(Provider):
    """A provider reached over HTTP through a connection of a user, a workspace or the site."""

    base_url: str
    """The provider's public base address; empty if each connection must have its own."""
    key_fields: tuple[KeyField, ...] = (KeyField("api_key", "API key"),)
    key_prefix = ""
    """Beginning of the provider's keys, if it tells them from those of other providers."""
    declared = ProviderTraits()
    """Traits of the provider before administrators' overrides; see ``traits``."""
    setting_errors: Mapping[str, str | Promise] = {}
    """Error code that a wrong setting of the connection causes → message that says what to change."""
    doc_url = ""
    """Page on which a user gets a key."""
    input_modes: frozenset[Mode] = frozenset(Mode) - {Mode.VIDEO}
    """Modes that the adapter supports; a model in the catalogue cannot add others."""
    supported_settings: frozenset[str] = catalogue.SETTINGS
    """Which of catalogue.SETTINGS the adapter can send; a model in the catalogue cannot add others."""
    callback_response = ""
    """Body that the provider expects in our response to a callback; "" if the status is enough."""
    needs_picture_urls = False
    """Whether the provider accepts pictures only as URLs, so that the studio publishes signed links to them."""
    answer_limit = answer_limits.TASK_BYTES
    """Maximum size in bytes of a response about one task; raised only if it may contain a video or pictures."""
    is_usually_private = False
    """Whether the server usually is in a private network (ComfyUI), whose address an administrator must allow."""

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
        """Return the estimate of the catalogue. A provider that never charges is free for models without a price."""
        estimate = catalogue.estimate(self.slug, request)
        return replace(estimate, is_known=estimate.is_known or self.traits.billing == Billing.FREE)

    def require_model(self, request: ClipRequest) -> Capability:
        """Return the requested model. Raises RemoteError INVALID for an unsupported model, mode or negative prompt."""
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
        """Return the headers with the key. Called for every request, since some keys sign the current time."""

    @abstractmethod
    def check(self, connection: OpenConnection) -> str:
        """Send one free authenticated GET and return a short message. Raises RemoteError if the request is refused."""

    @abstractmethod
    def prepare(self, connection: OpenConnection, request: ClipRequest, ref: str) -> Prepared:
        """Encode or upload the files and build the body. Buys nothing, so the worker may call this again."""

    @abstractmethod
    def submit(self, connection: OpenConnection, prepared: Prepared, ref: str) -> Submitted:
        """Send exactly one POST and return the task. Raises RemoteError UNKNOWN for a 2xx response without an id."""

    @abstractmethod
    def poll(self, connection: OpenConnection, handle: dict) -> Snapshot:
        """Query the task once. Raises RemoteError LOST for "no such task"; other errors say nothing about the task."""

    def cancel(self, connection: OpenConnection, handle: dict) -> Stopped:
        return Stopped.UNSUPPORTED

    def find(self, connection: OpenConnection, lost: Lost) -> Submitted | Search:
        """Search the provider for a submission without a response, with read-only requests."""
        return Search.UNDECIDED

    def fetch(
        self, connection: OpenConnection, output: Output, target: Path, progress: Callable[[int, int], None]
    ) -> str:
        """Download the video to ``target`` and return its content type. Only the connection's own host gets the key."""
        own = urlsplit(connection.base_url)
        is_own_host = output.needs_key and urlsplit(output.url)[:2] == own[:2]
        headers = {**connection.headers, **self.auth(connection)} if is_own_host else None
        return fetch_file(output.url, target, headers=headers, progress=progress, **_allowed_hosts(connection))

    def open_upload(self, connection: OpenConnection, url: str) -> HttpClient:
        """Return a client without the key for uploading a file to a URL that the provider named.

        Raises NotSent if downloads may not use the URL either.
        """
        return build_client(url, **_allowed_hosts(connection))

    def read_callback(self, connection: OpenConnection, headers: Mapping[str, str], body: bytes) -> Event:
        """Verify and read a callback. Raises Forged. Unsigned callbacks are protected by the secret in their URL."""
        raise Forged

    def has_callbacks(self, connection: OpenConnection, handle: dict) -> bool:
        """Return whether the submission with this handle requested callbacks that can be verified."""
        return bool(connection.webhook)

    def answer_challenge(self, body: bytes) -> dict | None:
        """Return the JSON response to a provider's test of the callback URL; None for every other callback."""
        return None

    def raise_refusal(self, answer: Answer, *, is_submit: bool, code="", detail="", fault: Fault | None = None):
        """Raise RemoteError for a refusal. Without ``fault``, the HTTP status decides; on submit, a 5xx always does."""
        if is_submit and is_server_error(answer.status):
            fault = Fault.UNKNOWN  # a gateway may have sent this response after the task was created
        raise RemoteError(
            fault or classify_status(answer.status, is_submit=is_submit, is_busy_refusal=self.traits.is_busy_refusal),
            code or f"http_{answer.status}",
            detail or answer.body[:600].decode("utf-8", "replace"),
            status=answer.status,
            request_id=request_ids.find_request_id(answer),
            retry_after=answer.retry_after,
        )


def _allowed_hosts(connection: OpenConnection) -> dict:
    """Return the private hosts, and the connection's own, that URLs named by this provider may use."""
    home = urlsplit(connection.base_url).netloc
    hosts: tuple[str, ...] = (home,) if connection.allows_private else ()
    if home in settings.PROVIDER_PRIVATE_HOSTS:  # a provider on a private host may name other private hosts
        hosts += tuple(settings.PROVIDER_PRIVATE_HOSTS)
    return {"private_hosts": hosts, "home": home}
