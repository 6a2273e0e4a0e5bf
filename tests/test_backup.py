"""A backup of the database and the bucket, restored elsewhere, is a complete studio (docs/operations.md)."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import postgres_url, s3_client, s3_environment

ROOT = Path(__file__).parent.parent
RESTORED = "restored"  # the new database and the new bucket

pytestmark = pytest.mark.deep


QUEUE_JOB = """
from accounts.models import User
from jobs import services
user = User.objects.get()
services.submit(workspace=user.workspaces.get(), by=user, kind="director", title="t", params={}, idem_key="k")
"""


def test_restored_backup_has_every_clip_with_its_files(postgres_server, s3_server, tmp_path):
    old_url = postgres_url(postgres_server).replace("tapwari@", "tapwari:password@")
    new_url = old_url.rpartition("/")[0] + f"/{RESTORED}"
    common = os.environ | s3_environment(s3_server) | {"SECRET_KEY": secrets.token_urlsafe(64), "REDIS_URL": ""}
    old = common | {"DATABASE_URL": old_url, "TAPWARI_VAR": str(tmp_path / "old")}
    new = common | {"DATABASE_URL": new_url, "TAPWARI_VAR": str(tmp_path / "new"), "S3_BUCKET": RESTORED}
    run_manage("migrate", "--noinput", "--verbosity=0", env=old)
    run_manage("create_demo", "--clips=1", "--no-story", env=old)
    run_manage("shell", "--command", QUEUE_JOB, env=old)

    assert "copied now" in run_manage("backup", str(tmp_path / "backup"), env=old)
    assert "0 of them copied now" in run_manage("backup", str(tmp_path / "backup"), env=old)
    postgres_server.execute(f"CREATE DATABASE {RESTORED}")
    s3_client(s3_server).create_bucket(Bucket=RESTORED)
    printed = run_manage("restore", str(tmp_path / "backup"), env=new)

    assert "cancelled: Director" in printed and "Maintenance is on" in printed
    assert "No invariant is violated." in run_manage("check_invariants", env=new)
    assert "--replace" in run_manage("restore", str(tmp_path / "backup"), env=new, status=1)
    assert "Restored" in run_manage("restore", str(tmp_path / "backup"), "--replace", env=new)
    keys = [row["Key"] for row in s3_client(s3_server).list_objects_v2(Bucket=RESTORED)["Contents"]]
    for key in (key for key in keys if "mezzanine" in key):
        s3_client(s3_server).delete_object(Bucket=RESTORED, Key=key)
    assert "mezzanine" in run_manage("check_invariants", env=new, status=1)


def run_manage(*arguments: str, env: dict[str, str], status: int = 0) -> str:
    return run(sys.executable, "manage.py", *arguments, env=env, status=status)


def run(*command: str | Path, env: dict[str, str] | None = None, status: int = 0) -> str:
    """Run a command and return its output. Asserts its exit status."""
    done = subprocess.run([*map(str, command)], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr
