"""The real settings on the database of the running test, for whole worker processes."""

import os

from config.settings import *  # noqa: F403
from config.settings import DATABASES, Q_CLUSTER

Q_CLUSTER["guard_cycle"] = 0.2  # seconds until a killed worker is replaced
DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
