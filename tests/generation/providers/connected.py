"""A provider connected to its fake, for tests of a single provider."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PIL import Image

from generation.providers.base import ClipRequest, Mode
from generation.providers.errors import RemoteError
from generation.providers.remote import OpenConnection, RemoteProvider, Submitted
from tests.fakes.server import Fake

REF = "5f0c1f6e-0000-4000-8000-000000000001"


@dataclass
class Talk:
    """``provider, fake, connection = talk``; ``folder`` holds the pictures that requests start from."""

    provider: RemoteProvider
    fake: Fake
    connection: OpenConnection
    folder: Path

    def __iter__(self):
        return iter((self.provider, self.fake, self.connection))

    def start_over(self) -> None:
        """Clear the tasks, calls and faults of the fake, for the next row of a sweep."""
        for state in (self.fake.tasks, self.fake.calls, self.fake.faults):
            state.clear()

    def connect(self, *, without=(), **facts) -> None:
        """The same connection with other facts, or without some of its keys."""
        keys = {name: value for name, value in self.connection.keys.items() if name not in without}
        self.connection = replace(self.connection, keys=keys, extras=facts)

    def send(self, mode=Mode.WORDS, ref=REF, **told) -> Submitted:
        """Prepare and submit as the engine does."""
        request = self.request(mode, **told)
        return self.provider.submit(self.connection, self.provider.prepare(self.connection, request, ref), ref)

    def refused(self, mode=Mode.WORDS, ref=REF, **told) -> RemoteError:
        return fault_of(lambda: self.send(mode, ref, **told))

    def request(self, mode=Mode.WORDS, **told) -> ClipRequest:
        files = {
            Mode.PICTURE: lambda: {"picture": self.picture("first")},
            Mode.FIRST_LAST: lambda: {"first_frame": self.picture("first"), "last_frame": self.picture("last")},
            Mode.REFERENCES: lambda: {"references": (self.picture("one"), self.picture("two"))},
        }.get(mode, dict)()
        sent = {"prompt": "a girl on a hill", "ratio": "16:9", "seconds": 5, "resolution": 720, "seed": 7}
        return ClipRequest(**{**sent, **files, **told}, mode=mode)

    def picture(self, name: str) -> Path:
        path = self.folder / f"{name}.png"
        Image.new("RGB", (640, 360), (200, sum(name.encode()) % 256, 90)).save(path)
        return path


def talking(provider, fake, fake_server, folder, **keys) -> Talk:
    """A connection with the fake's own key, and more keys if given."""
    fake_server.fakes[fake.slug] = fake
    keys = {provider.key_fields[0].name: fake.key, **keys}
    return Talk(provider, fake, OpenConnection(keys, fake_server.url(fake.slug)), folder)


def fault_of(call) -> RemoteError:
    """The refusal that a call ends with."""
    with pytest.raises(RemoteError) as raised:
        call()
    return raised.value
