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
def film(mika, ask, draw):
    """The stored film of a finished clip."""
    return draw(ask(mika)[0]).file("mezzanine")


def found():
    return [*maintenance.finished_clips_have_their_files(), *maintenance.objects_have_an_owner()]


def test_finished_clip_passes_all_checks(film):
    assert found() == []


def test_missing_file_is_reported(film):
    storages["clips"].delete(film.key)

    assert found() == [f"{film.key} is not in the store"]


def test_changed_file_of_equal_length_is_reported(film):
    path = Path(storages["clips"].path(film.key))
    path.write_bytes(b"\0" * film.bytes)

    assert found() == [f"{film.key} is not what was written"]


def test_orphaned_object_is_reported_after_a_day(film):
    storages["clips"].save("clips/zz/orphan.mp4", ContentFile(b"x"))
    assert found() == []

    old = time.time() - 25 * 3600
    os.utime(storages["clips"].path("clips/zz/orphan.mp4"), (old, old))
    assert found() == ["clips/zz/orphan.mp4 belongs to nothing"]


def test_check_invariants_exits_with_an_error(film, capsys):
    storages["clips"].delete(film.key)

    with pytest.raises((CommandError, SystemExit)) as stopped:
        call_command("check_invariants")

    assert film.key in str(stopped.value) + capsys.readouterr().out + capsys.readouterr().err
