"""Submissions without a response, for tests of the search for them."""

from datetime import UTC, datetime, timedelta

import pytest

from generation.providers.errors import NoAnswer
from generation.providers.remote import Lost
from tests.fakes.server import Task
from tests.generation.providers.connected_fake import REF, ConnectedFake


def lose_response(connected: ConnectedFake, request=None, ref=REF, *, taken=()) -> tuple[Lost, Task]:
    """Create a task whose response is lost. Returns our record and the task."""
    request = request or connected.request()
    prepared = connected.provider.prepare(connected.connection, request, ref)
    before = {task.id for task in connected.fake.created}
    connected.fake.next("submit", "cut_after_create")
    with pytest.raises(NoAnswer):
        connected.provider.submit(connected.connection, prepared, ref)
    (task,) = [task for task in connected.fake.created if task.id not in before]
    return build_lost(request, prepared.handle, ref, taken=taken), task


def build_lost(request, handle, ref=REF, *, ago=0.0, taken=()) -> Lost:
    """Return the record of a submission made ``ago`` seconds ago."""
    return Lost(ref, datetime.now(UTC) - timedelta(seconds=ago), request, handle, lambda task_id: task_id in taken)
