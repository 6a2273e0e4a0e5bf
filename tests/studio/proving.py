"""The real settings on the database of the test that looks on: for whole worker processes."""

import os

from config.settings import *  # noqa: F403
from config.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["PROVING_DATABASE"]
