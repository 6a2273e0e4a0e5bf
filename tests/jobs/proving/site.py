"""The real settings without the floors above jobs, and with kinds of job that misbehave: for whole processes."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*(app for app in INSTALLED_APPS if app != "generation"), "tests.jobs.proving"]
ROOT_URLCONF = "common.urls"
