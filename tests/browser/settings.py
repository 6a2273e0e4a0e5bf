"""The real settings, where many people may sign up from one address: each walk has a person of its own."""

from config.settings import *  # noqa: F403
from config.settings import ACCOUNT_RATE_LIMITS

ACCOUNT_RATE_LIMITS = ACCOUNT_RATE_LIMITS | {"signup": "1000/m/ip"}
