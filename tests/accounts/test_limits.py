"""The table of limits (accounts/billing/limits.py)."""

import ast
from pathlib import Path

import pytest

from accounts.billing.limits import LIMITS, RATES, consume_rate, limit_of

ROOT = Path(__file__).parents[2]
APPS = ("accounts", "jobs", "generation", "studio", "gallery")
READERS = ("limit_of", "read_limit", "check_limit", "count_act", "consume_rate", "rate_limit_message")
UNREAD = {"api_a_minute", "members"}  # there is no API, and nothing adds members yet
COUNTS = [name for name, limit in LIMITS.items() if limit.setting != RATES and name != "providers"]


def names_in_calls(path):
    """Yield the names that the file passes to the functions that read the table."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in READERS:
            for argument in node.args:
                yield from (part.value for part in ast.walk(argument) if isinstance(getattr(part, "value", None), str))


def test_every_limit_is_applied_and_every_applied_limit_is_in_the_table():
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]

    assert {name for path in files for name in names_in_calls(path)} == set(LIMITS) - UNREAD


def test_setting_overrides_the_default_of_a_limit(settings, subtests):
    for name in COUNTS:
        with subtests.test(name=name):
            assert limit_of(None, name) == LIMITS[name].default

            setattr(settings, LIMITS[name].setting, 7)

            assert limit_of(None, name) == 7


@pytest.mark.django_db
def test_rate_of_the_settings_is_per_user(settings, rf, mika, ren):
    settings.ACCOUNT_RATE_LIMITS = {"submit": "1/m/user"}

    def is_within_rate(user):
        request = rf.post("/")
        request.user = user
        return consume_rate(request, "submit")

    assert [is_within_rate(user) for user in (mika, mika, ren)] == [True, False, True]
