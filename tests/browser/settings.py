"""The real settings without a limit of sign-ups per address and with cheap password hashes. Where SHARED_DRAWINGS
names a folder, short clips of one size are drawn once, into it (shared_drawings.py)."""

import os

from config.settings import *  # noqa: F403
from config.settings import ACCOUNT_RATE_LIMITS, INSTALLED_APPS, PASSWORD_HASHERS

ACCOUNT_RATE_LIMITS = ACCOUNT_RATE_LIMITS | {"signup": "1000/m/ip"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
if os.environ.get("SHARED_DRAWINGS"):
    INSTALLED_APPS = [*INSTALLED_APPS, "tests.browser.shared_drawings.SharedDrawings"]
