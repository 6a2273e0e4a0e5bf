"""manage.py orphans lists files without a row and rows without a file, and deletes old files without a row."""

import os
import time
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from generation.services import owned_files
from jobs.account_data import job_kinds as account_data
from jobs.models import Job, State

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(mika, queue_clips, draw):
    return draw(queue_clips(mika)[0])


@pytest.fixture
def store():
    """``store("clips/zz/a.mp4", days=2)`` stores a file that was written that many days ago."""

    def save(key, days):
        storages["clips"].save(key, ContentFile(b"12345"))
        written = time.time() - days * 86_400
        os.utime(storages["clips"].path(key), (written, written))
        return key

    return save


def run(*arguments):
    """Return what the command printed, and its error or ""."""
    out, error = StringIO(), ""
    try:
        call_command("orphans", *arguments, stdout=out)
    except CommandError as stopped:
        error = str(stopped)
    return out.getvalue(), error


def test_nothing_is_found_where_files_and_rows_match(clip):
    assert run() == ("Files that no row owns: 0 (0\xa0bytes)\nRows whose file is gone: 0\n", "")


def test_files_without_a_row_are_listed_and_deleted_on_request(clip, store):
    old, young = store("clips/zz/old.mp4", 5), store("avatars/young.webp", 0)
    others = store("elsewhere/theirs.bin", 5)  # in a folder that no app uses

    printed, error = run()
    assert old in printed and "(5\xa0bytes)" in printed and "orphans --delete" in error
    assert young not in printed and others not in printed
    assert storages["clips"].exists(old)

    assert run("--delete", "--older-than=7")[1] == "" and storages["clips"].exists(old)
    printed, error = run("--delete")
    assert "deleted" in printed and error == ""
    assert [storages["clips"].exists(key) for key in (old, young, others)] == [False, True, True]
    assert storages["clips"].exists(clip.file("mezzanine").key)


def test_grace_period_cannot_be_shorter_than_a_day():
    assert "at least 1 day" in run("--delete", "--older-than=0")[1]


def test_rows_whose_file_is_gone_are_listed(clip):
    key = clip.file("poster").key
    storages["clips"].delete(key)

    printed, error = run("--delete")

    assert f"Rows whose file is gone: 1\n  {key}" in printed and "backup" in error


def test_profile_pictures_and_exports_have_owners(mika, store):
    mika.avatar = store("avatars/mika.webp", 5)
    mika.save()
    job = account_data.request_export(mika)
    Job.objects.filter(pk=job.pk).update(state=State.READY)
    export = store(account_data.export_key(job.pk), 5)
    assert owned_files.compare_with_storage() == owned_files.Comparison([], [])

    Job.objects.filter(pk=job.pk).update(deleted_at="2026-12-01T00:00Z")
    assert [found.key for found in owned_files.compare_with_storage().ownerless] == [export]
