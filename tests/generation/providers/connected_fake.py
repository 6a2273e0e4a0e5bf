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
class ConnectedFake:
    """``provider, fake, connection = connected``; requests use pictures in ``folder``."""

    provider: RemoteProvider
    fake: Fake
    connection: OpenConnection
    folder: Path

    def __iter__(self):
        return iter((self.provider, self.fake, self.connection))

    def reset(self) -> None:
        """Clear the tasks, calls and faults of the fake, for the next row of a sweep."""
        for state in (self.fake.tasks, self.fake.calls, self.fake.faults):
            state.clear()

    def change_connection(self, *, without=(), **facts) -> None:
        """Replace the facts of the connection and remove the keys named in ``without``."""
        keys = {name: value for name, value in self.connection.keys.items() if name not in without}
        self.connection = replace(self.connection, keys=keys, extras=facts)

    def submit(self, mode=Mode.WORDS, ref=REF, **settings) -> Submitted:
        """Prepare and submit as the worker does."""
        request = self.request(mode, **settings)
        return self.provider.submit(self.connection, self.provider.prepare(self.connection, request, ref), ref)

    def submit_refused(self, mode=Mode.WORDS, ref=REF, **settings) -> RemoteError:
        return catch_error(lambda: self.submit(mode, ref, **settings))

    def request(self, mode=Mode.WORDS, **settings) -> ClipRequest:
        files = {
            Mode.PICTURE: lambda: {"picture": self.picture("first")},
            Mode.FIRST_LAST: lambda: {"first_frame": self.picture("first"), "last_frame": self.picture("last")},
            Mode.REFERENCES: lambda: {"references": (self.picture("one"), self.picture("two"))},
        }.get(mode, dict)()
        defaults = {"prompt": "a girl on a hill", "ratio": "16:9", "seconds": 5, "resolution": 720, "seed": 7}
        return ClipRequest(**{**defaults, **files, **settings}, mode=mode)

    def picture(self, name: str) -> Path:
        path = self.folder / f"{name}.png"
        Image.new("RGB", (640, 360), (200, sum(name.encode()) % 256, 90)).save(path)
        return path


def connect_fake(provider, fake, fake_server, folder, **keys) -> ConnectedFake:
    """Connect the provider to the fake with its key, and with further ``keys``."""
    fake_server.fakes[fake.slug] = fake
    keys = {provider.key_fields[0].name: fake.key, **keys}
    return ConnectedFake(provider, fake, OpenConnection(keys, fake_server.url(fake.slug)), folder)


def catch_error(call) -> RemoteError:
    """Return the RemoteError that the call raises."""
    with pytest.raises(RemoteError) as raised:
        call()
    return raised.value
