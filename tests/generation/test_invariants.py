"""manage.py check_invariants reports missing, changed and orphaned files."""

import os
import time
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from generation import maintenance

pytestmark = pytest.mark.django_db


@pytest.fixture
def video_row(mika, queue_clips, draw):
    """The file row of a finished clip's video."""
    return draw(queue_clips(mika)[0]).file("mezzanine")


def find_problems():
    return [*maintenance.finished_clips_have_their_files(), *maintenance.objects_have_an_owner()]


def test_finished_clip_passes_all_checks(video_row):
    assert find_problems() == []


def test_missing_file_is_reported(video_row):
    storages["clips"].delete(video_row.key)

    assert find_problems() == [f"{video_row.key} is not in the store"]


def test_changed_file_of_equal_length_is_reported(video_row):
    path = Path(storages["clips"].path(video_row.key))
    path.write_bytes(b"\0" * video_row.bytes)

    assert find_problems() == [f"{video_row.key} is not what was written"]


def test_orphaned_object_is_reported_after_a_day(video_row):
    storages["clips"].save("clips/zz/orphan.mp4", ContentFile(b"x"))
    assert find_problems() == []

    old = time.time() - 25 * 3600
    os.utime(storages["clips"].path("clips/zz/orphan.mp4"), (old, old))
    assert find_problems() == ["clips/zz/orphan.mp4 belongs to nothing"]


def test_check_invariants_exits_with_an_error(video_row, capsys):
    storages["clips"].delete(video_row.key)

    with pytest.raises((CommandError, SystemExit)) as stopped:
        call_command("check_invariants")

    assert video_row.key in str(stopped.value) + capsys.readouterr().out + capsys.readouterr().err
