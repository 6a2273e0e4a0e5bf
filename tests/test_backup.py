"""A backup of the database and the bucket, restored elsewhere, is a complete studio (docs/operations.md)."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import S3_BUCKET, postgres_folder, postgres_url, s3_client, s3_environment

ROOT = Path(__file__).parent.parent
RESTORED = "restored"  # the new database and the new bucket

pytestmark = pytest.mark.s3


def test_restored_backup_has_every_clip_with_its_files(postgres_server, s3_server, tmp_path):
    old_url = postgres_url(postgres_server)
    new_url = old_url.rpartition("/")[0] + f"/{RESTORED}"
    common = os.environ | s3_environment(s3_server) | {"SECRET_KEY": secrets.token_urlsafe(64), "REDIS_URL": ""}
    old = common | {"DATABASE_URL": old_url, "TAPWARI_VAR": str(tmp_path / "old")}
    new = common | {"DATABASE_URL": new_url, "TAPWARI_VAR": str(tmp_path / "new"), "S3_BUCKET": RESTORED}
    run_manage("migrate", "--noinput", "--verbosity=0", env=old)
    run_manage("create_demo", "--clips=1", "--no-story", env=old)

    dump = tmp_path / "tapwari.dump"
    run(postgres_folder() / "pg_dump", old_url, "-Fc", "-f", dump)
    postgres_server.execute(f"CREATE DATABASE {RESTORED}")
    run(postgres_folder() / "pg_restore", "--no-owner", "-d", new_url, dump)
    copied = copy_bucket(s3_client(s3_server))

    assert "No invariant is violated." in run_manage("check_invariants", env=new)
    for key in (key for key in copied if "mezzanine" in key):  # other tests may have stored clips as well
        s3_client(s3_server).delete_object(Bucket=RESTORED, Key=key)
    assert "mezzanine" in run_manage("check_invariants", env=new, status=1)


def copy_bucket(client) -> list[str]:
    """Copy all objects of the studio's bucket into a new one and return their keys."""
    client.create_bucket(Bucket=RESTORED)
    keys = [row["Key"] for row in client.list_objects_v2(Bucket=S3_BUCKET)["Contents"] if row["Key"] != ".ready"]
    for key in keys:
        body = client.get_object(Bucket=S3_BUCKET, Key=key)["Body"].read()
        client.put_object(Bucket=RESTORED, Key=key, Body=body)
    return keys


def run_manage(*arguments: str, env: dict[str, str], status: int = 0) -> str:
    return run(sys.executable, "manage.py", *arguments, env=env, status=status)


def run(*command: str | Path, env: dict[str, str] | None = None, status: int = 0) -> str:
    """Run a command and return its output. Asserts its exit status."""
    done = subprocess.run([*map(str, command)], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr
