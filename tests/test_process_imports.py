"""Processes that only wait, or only serve pages, do not load what draws and encodes."""

import json
import os
import subprocess
import sys

from django.conf import settings

DRAWING = {"numpy", "cv2", "av", "moviepy", "ncnn"}
DICTIONARY = {"rjieba"}  # loaded by the first Chinese prompt that needs it
S3 = {"boto3", "botocore"}  # loaded only with S3_ENDPOINT or S3_BUCKET
CHINA = {"wechatpayv3", "alipay"}  # an optional extra, loaded for the first purchase
SERVER = {"daphne", "twisted"}
LOAD_DISPATCHER_THEN_WEB = """
import json, sys
import django
django.setup()
import jobs.management.commands.work
from generation.providers import registry
registry.clip_providers(), registry.connectable_providers()
print(json.dumps(sorted(sys.modules)))
import config.asgi
from django.urls import get_resolver
get_resolver().url_patterns
from generation.animatic.understanding import understand
understand("a penguin reads a book")  # with the words of the props
print(json.dumps(sorted(sys.modules)))
"""


def load(code: str) -> list[set[str]]:
    """Return the lists of modules that the code prints, without submodules."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("S3_")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=kept | {"DJANGO_SETTINGS_MODULE": "config.settings"}, cwd=settings.BASE_DIR, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [{name.partition(".")[0] for name in json.loads(line)} for line in done.stdout.splitlines()]


def test_dispatcher_and_web_server_do_not_load_what_only_workers_need():
    dispatcher, web = load(LOAD_DISPATCHER_THEN_WEB)

    assert dispatcher & (DRAWING | DICTIONARY | S3 | SERVER) == set()
    assert web & (DRAWING | DICTIONARY | S3 | CHINA) == set()


def test_supervisor_does_not_load_django():
    [supervisor] = load("import jobs.worker.supervisor, json, sys; print(json.dumps(sorted(sys.modules)))")

    assert supervisor & (DRAWING | S3 | SERVER | {"django"}) == set()
