"""manage.py move_files copies a folder to S3, move_database copies SQLite to PostgreSQL."""

import os
import secrets
from io import StringIO

import psycopg
import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import maintenance
from generation.media import storage
from jobs.models import JobEvent
from tests.servers import postgres_url
from tests.test_backup import run_manage

MOVED = "moved"

pytestmark = [
    pytest.mark.s3,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="moves away from SQLite"),
]


def move_files(folder):
    out = StringIO()
    call_command("move_files", folder, stdout=out)
    return out.getvalue()


def test_files_are_copied_once_and_again_if_they_changed(tmp_path, clips_on_s3, monkeypatch):
    keys = ["clips/mv/one.mp4", "avatars/mv-two.webp"]
    for key in (*keys, "notes/mine.txt"):
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_bytes(key.encode())

    assert "2 files copied, 0 were there already" in (printed := move_files(tmp_path)) and "S3_*" in printed
    (tmp_path / keys[0]).write_bytes(keys[0].upper().encode())
    assert "1 files copied, 1 were there already" in move_files(tmp_path)
    assert b"".join(storage.read_chunks(keys[0])) == keys[0].upper().encode()
    assert (tmp_path / keys[1]).exists() and not storages["clips"].exists("notes/mine.txt")

    (tmp_path / keys[0]).write_bytes(b"new")
    monkeypatch.setattr("generation.media.storage.compute_sha256", lambda key: "another")
    with pytest.raises(CommandError, match="copies differ; start again") as stopped:
        move_files(tmp_path)
    assert keys[0] in str(stopped.value)


def test_files_are_not_copied_into_a_folder(tmp_path):
    with pytest.raises(CommandError, match="Set S3_ENDPOINT"):
        move_files(tmp_path)


@pytest.mark.django_db(transaction=True)
def test_rows_move_to_postgresql_while_the_site_is_closed(mika, queue_clips, draw, postgres_server, tmp_path):
    clip = draw(queue_clips(mika)[0])
    postgres_server.execute(f"CREATE DATABASE {MOVED}")
    url = postgres_url(postgres_server).rpartition("/")[0] + f"/{MOVED}"
    new = os.environ | {"DATABASE_URL": url, "TAPWARI_VAR": str(tmp_path), "SECRET_KEY": secrets.token_urlsafe(64)}
    source = connection.settings_dict["NAME"]

    assert "must be migrated" in run_manage("move_database", source, env=new, status=1)
    run_manage("migrate", "--noinput", "--verbosity=0", env=new)
    assert "The site is open" in run_manage("move_database", source, env=new, status=1)
    maintenance.begin()
    printed = run_manage("move_database", source, env=new)

    assert f"jobs_jobevent: {JobEvent.objects.count()}\n" in printed and "maintenance off" in printed
    with psycopg.connect(url) as database:
        row = database.execute("SELECT j.id, j.created_at FROM jobs_job j JOIN generation_clip c ON c.job_id = j.id")
        assert row.fetchall() == [(clip.job_id, clip.job.created_at)]
        database.execute(
            "INSERT INTO jobs_jobevent (job_id, old, new, actor, fence, reason) VALUES (%s, '', 'ready', '', 0, '')",
            [clip.job_id],
        )
    assert "No invariant is violated." in run_manage("check_invariants", env=new)
    assert "empty" in run_manage("move_database", source, env=new, status=1)
