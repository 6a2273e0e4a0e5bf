"""manage.py backup and restore on SQLite with files, and which jobs end after a restore.

tests/test_backup.py does the same on PostgreSQL and S3.
"""

import json
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import maintenance
from accounts.models import Maintenance, User
from generation.models import Clip
from jobs import services
from jobs.maintenance import end_jobs_after_restore
from jobs.models import Job, State


def run(*arguments):
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


def read(key):
    return Path(storages["clips"].path(key)).read_bytes()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backup"


@pytest.fixture
def destroy(tmp_path):
    """``destroy()`` loses all files, and goes on with a new SQLite file without tables."""
    own = connection.settings_dict["NAME"]

    def lose():
        connection.close()
        connection.settings_dict["NAME"] = str(tmp_path / "new.sqlite3")
        shutil.rmtree(tmp_path / "media")

    yield lose
    connection.close()
    connection.settings_dict["NAME"] = own


@pytest.fixture
def clip(mika, queue_clips, draw):
    return draw(queue_clips(mika)[0])


@pytest.mark.django_db(transaction=True)
def test_restored_site_has_its_files_and_sends_nothing_again(
    mika, site, fake, create_job, run_job, clip, folder, destroy
):
    key, content = clip.file("mezzanine").key, read(clip.file("mezzanine").key)
    bought, waiting = create_job(site), create_job(site, prompt="a dog in the rain")
    run_job(bought, steps=1)
    assert "copied now" in run("backup", folder)
    run_job(waiting, steps=1)
    assert len(fake.created) == 2
    destroy()

    printed = run("restore", folder)

    assert "manage.py maintenance off" in printed and str(waiting.pk)[:8] in printed
    assert Maintenance.objects.exists() and read(key) == content
    assert list(Clip.objects.get(pk=clip.pk).files.filter(key=key))
    maintenance.end()
    for job in (bought, waiting):
        job.refresh_from_db()
        run_job(job)
        job.refresh_from_db()
    assert (bought.state, waiting.state) == (State.READY, State.CANCELLED)
    assert len(fake.created) == 2


@pytest.mark.django_db(transaction=True)
def test_rows_are_replaced_only_on_request_and_after_the_workers_stopped(mika, site, create_job, folder):
    run("backup", folder)
    User.objects.filter(pk=mika.pk).update(name="Later")
    with pytest.raises(CommandError, match="--replace"):
        run("restore", folder)
    job = create_job(site)
    Job.objects.filter(pk=job.pk).update(lease_until="2100-01-01T00:00Z")
    with pytest.raises(CommandError, match="Workers are at 1 steps"):
        run("restore", folder, "--replace")
    assert Maintenance.objects.exists() and User.objects.get(pk=mika.pk).name == "Later"

    Job.objects.all().update(lease_until=None)
    run("restore", folder, "--replace")
    assert User.objects.get(pk=mika.pk).name == mika.name and not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_later_backup_copies_only_what_changed_and_drops_what_went(mika, clip, folder):
    run("backup", folder)
    count = len(json.loads((folder / "manifest.json").read_text())["files"])
    assert f"{count} files" in (printed := run("backup", folder)) and "0 of them copied" in printed

    poster = clip.file("poster")
    storages["clips"].delete(poster.key)
    mika.avatar = storages["clips"].save("avatars/mika.webp", ContentFile(b"picture"))
    mika.save()
    storages["clips"].save(clip.file("mezzanine").key, ContentFile(b"other"))
    printed = run("backup", folder)

    assert "2 of them copied" in printed and f"deleted meanwhile: {poster.key}" in printed
    assert f"not what its row says: {clip.file('mezzanine').key}" in printed
    assert (folder / "files" / mika.avatar).read_bytes() == b"picture"
    assert not (folder / "files" / poster.key).exists()
    assert len(list(folder.glob("database-*"))) == 1


@pytest.mark.django_db(transaction=True)
def test_damaged_or_newer_backup_changes_nothing(mika, clip, folder, tmp_path):
    with pytest.raises(CommandError, match="no complete backup"):
        run("restore", folder, "--replace")
    run("backup", folder)
    path = folder / "files" / clip.file("poster").key
    path.write_bytes(b"\0" * path.stat().st_size)
    with pytest.raises(CommandError, match=f"{clip.file('poster').key} is not what was written"):
        run("restore", folder, "--replace")
    path.unlink()
    with pytest.raises(CommandError, match="is missing"):
        run("restore", folder, "--replace")

    facts = json.loads((folder / "manifest.json").read_text())
    facts["migrations"].append("jobs.9999_later")
    (folder / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(CommandError, match=r"jobs\.9999_later"):
        run("restore", folder, "--replace")
    assert not Maintenance.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "ends"),
    [("queued", True), ("submitting", True), ("unknown", True), ("stuck", True), ("running", False), ("stored", False)],
)
def test_job_at_a_provider_ends_unless_it_is_only_fetched(site, create_job, state, ends):
    job = create_job(site)
    Job.objects.filter(pk=job.pk).update(state=state, lease_until="2100-01-01T00:00Z", fence=5)

    assert bool(end_jobs_after_restore()) == ends
    job.refresh_from_db()
    is_ending = job.state == State.CANCELLED or job.cancel_requested_at is not None
    assert (is_ending, job.lease_until) == (ends, None)
    assert job.fence > 5


@pytest.mark.django_db
def test_kinds_that_buy_end_in_any_state_and_drawing_goes_on(mika, queue_clips):
    drawn = queue_clips(mika)[0].job
    kinds = ["director", "rewrite", "run"]
    for kind in kinds:
        job = services.submit(workspace=mika.workspaces.get(), by=mika, kind=kind, title=kind, params={}, idem_key=kind)
        Job.objects.filter(pk=job.pk).update(state=State.RUNNING)

    call_command("restore", "--only-jobs", stdout=StringIO())

    asked = Job.objects.exclude(cancel_requested_at=None).order_by("kind").values_list("kind", flat=True)
    assert list(asked) == kinds and Maintenance.objects.exists()
    drawn.refresh_from_db()
    assert drawn.state == State.QUEUED
