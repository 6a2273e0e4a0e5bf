"""Workers are forked from a process that has preloaded what a first job imports."""

import json
import os
import subprocess
import sys

from django.conf import settings

from jobs.management.commands import workers

FIRST_JOB = """
import json, pydoc, sys
import django
django.setup()
from django.db import connections
from jobs.management.commands import workers
{warm}
before = set(sys.modules)
pydoc.locate("jobs.lifecycle.engine.advance")
from django.urls import reverse
reverse("generation:webhook", args=["fal", "token"])
from generation.providers import registry
registry.provider("effects")
registry.clip_providers()
from PIL import Image
Image.init()
print(json.dumps([len(set(sys.modules) - before), any(each.connection for each in connections.all())]))
"""


def first_job(warm: str) -> list:
    """How many modules a first job reads after ``warm``, and whether a connection to the database is open."""
    code = FIRST_JOB.format(warm=warm)
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_preloaded_worker_imports_nothing_and_shares_no_connection():
    cold, _ = first_job("")
    assert cold > 100, "else this test notices nothing"

    assert first_job("workers._preload()") == [0, False]


def test_workers_start_despite_a_failed_preload(monkeypatch, caplog):
    """A broken plug-in fails the jobs that need it, not exports, pages and everything else that workers do."""
    done = []

    def broken():
        done.append("warm")
        raise ImportError("a plug-in")

    monkeypatch.setattr(workers, "_preload", broken)
    monkeypatch.setattr(workers.Workers, "start", lambda self: done.append("start"))
    monkeypatch.setattr(workers.signal, "signal", lambda *words: None)

    workers.Command().handle()

    assert done == ["warm", "start"]
    assert "a plug-in" in caplog.text
