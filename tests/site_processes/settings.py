"""The real settings on the database of a test. RESENDING_ENGINE=yes breaks the engine on purpose; FILM_BYTES limits
downloads."""

import os

from config.settings import *  # noqa: F403
from config.settings import CACHES, DATABASES, INSTALLED_APPS, Q_CLUSTER, STORAGES

Q_CLUSTER["guard_cycle"] = 0.2  # seconds until a killed worker is replaced
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}  # there is no Redis here
if name := os.environ.get("TEST_DATABASE"):
    DATABASES["default"]["NAME"] = name
if os.environ.get("RESENDING_ENGINE"):
    INSTALLED_APPS = [*INSTALLED_APPS, "tests.site_processes.resending_engine.ResendingEngineConfig"]
if os.environ.get("FILM_BYTES"):
    INSTALLED_APPS = [*INSTALLED_APPS, "tests.site_processes.download_limit.DownloadLimitConfig"]
if pages := os.environ.get("PAGES"):
    ROOT_URLCONF = pages
