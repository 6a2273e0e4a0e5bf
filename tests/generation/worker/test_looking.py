"""A lost submission is looked for by its words alone: neither a full disk nor a picture that is gone hinders a look."""

import pytest

from generation.providers.remote import Recovery
from jobs.models import State

pytestmark = pytest.mark.django_db


def test_where_no_file_can_be_written_a_lost_answer_is_found_all_the_same(echo, connect, order, go, settings, tmp_path):
    fake = echo(recovery=Recovery.LIST)
    fake.next("submit", "cut_after_create")
    job = go(order(connect(base_url=fake.url)), until=State.SUBMITTING)
    room, settings.WORK_DIR = settings.WORK_DIR, tmp_path / "full"
    settings.WORK_DIR.write_text("no folder can be made in here")

    assert go(job, until=State.RUNNING).state == State.RUNNING
    settings.WORK_DIR = room

    assert go(job).state == State.READY and len(fake.created) == 1
