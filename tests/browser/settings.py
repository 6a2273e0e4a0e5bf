"""The real settings without a limit of sign-ups per address, with cheap password hashes, without waiting for the disk,
and without compressed static files. Where SHARED_DRAWINGS names a folder, short clips of one size are drawn once, into
it (shared_drawings.py)."""

import os

from config.settings import *  # noqa: F403
from config.settings import ACCOUNT_RATE_LIMITS, DATABASES, INSTALLED_APPS, PASSWORD_HASHERS, STORAGES

ACCOUNT_RATE_LIMITS = ACCOUNT_RATE_LIMITS | {"signup": "1000/m/ip"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
STORAGES["staticfiles"] = {"BACKEND": "tests.browser.static_files.UncompressedStaticFiles"}
if options := DATABASES["default"].get("OPTIONS", {}).get("init_command"):
    DATABASES["default"]["OPTIONS"]["init_command"] = options.replace("synchronous=FULL", "synchronous=OFF")
if os.environ.get("SHARED_DRAWINGS"):
    INSTALLED_APPS = [*INSTALLED_APPS, "tests.browser.shared_drawings.SharedDrawings"]
