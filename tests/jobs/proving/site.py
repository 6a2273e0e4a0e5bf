"""The real settings without the apps above jobs, and with kinds of job that misbehave, for real processes."""

import os

from config.settings import *  # noqa: F403
from config.settings import DATABASES, INSTALLED_APPS, Q_CLUSTER

INSTALLED_APPS = [
    *(app for app in INSTALLED_APPS if app not in ("generation", "studio", "gallery")),
    "tests.jobs.proving",
]
ROOT_URLCONF = "common.web.urls"
Q_CLUSTER["guard_cycle"] = 0.2  # seconds until a killed worker is replaced
DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]  # that of the test
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"]["timeout"] = 120  # many processes write to it
WORKERS_STOP_SECONDS = int(os.environ.get("WORKERS_STOP_SECONDS", "55"))
