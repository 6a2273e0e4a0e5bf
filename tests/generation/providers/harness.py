"""One adapter connected to its fake, for the contract suite."""

import copy
import re
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from generation.providers.base import ClipRequest, Mode
from generation.providers.errors import RemoteError
from generation.providers.remote import Lost, OpenConnection, RemoteProvider
from tests.fakes.server import Fake
from tests.generation.providers.contract import Entry

EXTRA_HEADER = {"X-Gateway": "gateway-secret-55aa55aa"}
WEBHOOK = "https://studio.example/webhooks/{slug}/w3bh00k-t0ken/"


@dataclass
class Harness:
    entry: Entry
    provider: RemoteProvider
    fake: Fake
    connection: OpenConnection
    media_files: dict[str, Path]
    folder: Path
    taken: set[str] = field(default_factory=set)

    def request(self, mode: Mode | None = None, model: str = "", **changes) -> ClipRequest:
        """Return a typical request; by default for the first model and its simplest mode."""
        capability = self.provider.capability(model)
        mode = mode or next(mode for mode in Mode if mode in capability.modes)
        references = (self.media_files["one"], self.media_files["two"])
        files = {
            Mode.WORDS: {},
            Mode.PICTURE: {"picture": self.media_files["start"]},
            Mode.FIRST_LAST: {"picture": self.media_files["start"], "last_frame": self.media_files["last"]},
            Mode.REFERENCES: {"references": references[: max(capability.references_most, 1)]},
            Mode.VIDEO: {"video": self.media_files["video"]},
        }[mode]
        defaults = {
            "prompt": "a girl on a hill at sunset, soft wind",
            "ratio": capability.ratios[0],
            "seconds": capability.seconds[0],
            "resolution": capability.resolutions[0],
            "seed": 424242,
            "model": capability.model,
            "negative_prompt": "rain" if capability.has_negative_prompt else "",
            "mode": mode,
        }
        request = ClipRequest(**defaults | files | changes)
        pictures = [path for path in (request.start, request.last_frame, *request.references) if path]
        addresses = {path: f"https://media.studio.example/{path.name}?signed" for path in pictures}
        self.fake.public_files |= {address: path.read_bytes() for path, address in addresses.items()}
        return replace(request, addresses=addresses)

    def prepare(self, request: ClipRequest | None = None, ref=""):
        ref = ref or str(uuid.uuid4())
        return self.provider.prepare(self.connection, request or self.request(), ref), ref

    def submit(self, request: ClipRequest | None = None, **options):
        prepared, ref = self.prepare(request, **options)
        return self.provider.submit(self.connection, prepared, ref)

    def connection_at(self, base_url: str) -> OpenConnection:
        return replace(self.connection, base_url=base_url)

    def lost(self, request: ClipRequest, handle: dict, ref: str) -> Lost:
        return Lost(ref, datetime.now(UTC), request, handle, lambda task_id: task_id in self.taken)

    def poll(self, submitted):
        return self.provider.poll(self.connection, submitted.handle)

    def read_end(self, submitted) -> str:
        """Return the stage of a task, or "lost" if the provider forgets cancelled tasks."""
        try:
            return str(self.poll(submitted).stage)
        except RemoteError as error:
            return str(error.fault)

    def fetch(self, output) -> bytes:
        target = self.folder / "fetched.mp4"
        self.provider.fetch(self.connection, output, target, lambda done, total: None)
        return target.read_bytes()

    @property
    def submissions(self) -> int:
        """Number of submissions that reached the fake."""
        patterns = [pattern for method, pattern, name in self.fake.routes if name == "submit" and method == "POST"]
        posts = [call for call in self.fake.calls if call.method == "POST"]
        return sum(any(re.fullmatch(pattern, call.path) for pattern in patterns) for call in posts)

    @property
    def secrets(self) -> list[str]:
        """Values that only the provider may see."""
        secret = [key.name for key in self.provider.key_fields if key.is_secret]
        values = [v for k, v in self.connection.keys.items() if k in secret and v] + list(
            self.connection.headers.values()
        )
        return values + [path.split("/")[-2] for path in [self.connection.webhook] if path]

    def report_status(self, status) -> None:
        """Make the next poll report this status."""

        def with_status(request, act):
            reply = act()
            reply.body = copy.deepcopy(reply.body)
            target = reply.body
            for step in self.entry.status_at[:-1]:
                target = target[step]
            target[self.entry.status_at[-1]] = status
            return reply

        self.fake.fault_status = with_status
        self.fake.next("poll", "status")
