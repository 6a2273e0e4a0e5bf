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
before = set(sys.modules)
{preload}
preloaded = set(sys.modules)
pydoc.locate("jobs.lifecycle.engine.advance")
from django.urls import reverse
reverse("generation:webhook", args=["fal", "token"])
from generation.providers import registry
registry.provider("effects")
registry.clip_providers()
from PIL import Image
Image.init()
import generation.animatic.overlay_rendering, generation.animatic.render, generation.media.ingest
late = len(set(sys.modules) - preloaded)
print(json.dumps([len(preloaded - before), late, any(wrapper.connection for wrapper in connections.all())]))
"""


def run_first_job(preload: str) -> list:
    """Return how many modules ``preload`` and then a first job import, and whether a database connection is open."""
    code = FIRST_JOB.format(preload=preload)
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_preloaded_worker_imports_nothing_and_shares_no_connection():
    preloaded, *rest = run_first_job("workers._preload()")

    assert preloaded > 100, "otherwise this test proves nothing"
    assert rest == [0, False]


def test_workers_start_despite_a_failed_preload(monkeypatch, caplog):
    """A broken plug-in fails only the jobs that need it."""
    calls = []

    def fail():
        calls.append("preload")
        raise ImportError("a plug-in")

    monkeypatch.setattr(workers, "_preload", fail)
    monkeypatch.setattr(workers.Workers, "start", lambda self: calls.append("start"))
    monkeypatch.setattr(workers.signal, "signal", lambda *args: None)

    workers.Command().handle()

    assert calls == ["preload", "start"]
    assert "a plug-in" in caplog.text
