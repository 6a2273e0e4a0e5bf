"""The real settings for processes that look at a test's own rows; TWIN=yes breaks the engine on purpose,
FILM_BYTES=… takes no larger film."""

import os

from config.settings import *  # noqa: F403
from config.settings import CACHES, DATABASES, INSTALLED_APPS, Q_CLUSTER, STORAGES

Q_CLUSTER["guard_cycle"] = 0.2  # seconds until a killed worker is replaced
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # nobody looks at it
CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}  # there is no Redis here
if name := os.environ.get("PROVING_DATABASE"):
    DATABASES["default"]["NAME"] = name
if os.environ.get("TWIN"):
    INSTALLED_APPS = [*INSTALLED_APPS, "tests.elsewhere.twin.TwinConfig"]
if os.environ.get("FILM_BYTES"):
    INSTALLED_APPS = [*INSTALLED_APPS, "tests.elsewhere.patience.PatienceConfig"]
if pages := os.environ.get("PAGES"):
    ROOT_URLCONF = pages
