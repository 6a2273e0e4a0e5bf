"""The table of limits (accounts/billing/limits.py)."""

import ast
from contextlib import nullcontext
from pathlib import Path

import pytest

from accounts.billing.limits import (
    LIMITS,
    OFFERED_LIMITS,
    PLAN_LIMITS,
    RATES,
    check_limit,
    consume_rate,
    limit_reached,
    plan_limit_of,
)
from accounts.billing.refusals import LimitReached

ROOT = Path(__file__).parents[3]
APPS = ("accounts", "jobs", "generation", "studio", "gallery")
READERS = ("limit_of", "plan_limit_of", "read_limit", "check_limit", "count_act", "consume_rate", "rate_limit_message")
UNREAD = PLAN_LIMITS.keys() - OFFERED_LIMITS.keys()  # nothing applies them yet
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
            assert plan_limit_of(None, name) == LIMITS[name].default

            setattr(settings, LIMITS[name].setting, 7)

            assert plan_limit_of(None, name) == 7


@pytest.mark.parametrize(
    ("limit", "used", "needed", "is_refused"),
    [(3, 1, 1, False), (3, 2, 1, False), (3, 3, 1, True), (3, 4, 1, True), (3, 1, 3, True), (0, 0, 1, True),
     (None, 9, 9, False)],
)  # fmt: skip
def test_limit_allows_up_to_its_value_and_refuses_more(settings, limit, used, needed, is_refused):
    settings.STORIES_PER_WORKSPACE = limit

    with pytest.raises(LimitReached) if is_refused else nullcontext():
        check_limit(None, "stories", count=lambda: used, needed=needed)


OWN_KEY, OTHER_PLAN, AGAIN = "your own connection", "Another plan", "starts again on"
REFUSALS = {
    "jobs_at_once": ["3 of 4", "needs 2", "Wait until one", OTHER_PLAN],
    "seconds_a_month": ["4 seconds", "3 are used", "needs 2", AGAIN, OWN_KEY, OTHER_PLAN],
    "storage_bytes": ["of 4", "3", "empty the trash", OTHER_PLAN],
    "stories": ["3 of 4", "to the trash", OTHER_PLAN],
    "longest_clip": ["2 seconds", "limit here is 4 seconds", OWN_KEY, OTHER_PLAN],
    "highest_lines": ["2p", "limit here is 4p", OTHER_PLAN],
    "providers": ["2", "not included", OWN_KEY, OTHER_PLAN],
    "film_minutes": ["take", "minutes a month", AGAIN, OTHER_PLAN],
    "exports": ["3 of 4", AGAIN, OTHER_PLAN],
}


def test_refusals_name_the_limit_its_use_its_reset_and_the_ways_out(settings, subtests):
    settings.BILLING = True
    assert set(REFUSALS) == set(PLAN_LIMITS) - UNREAD - {"workers_share"}  # which makes jobs wait and refuses none

    for name, parts in REFUSALS.items():
        with subtests.test(name=name):
            text = str(limit_reached(name, used=3, limit=4, needed=2))
            assert [part for part in (*parts, "nothing was charged") if part not in text] == []


@pytest.mark.django_db
def test_rate_of_the_settings_is_per_user(settings, rf, mika, ren):
    settings.ACCOUNT_RATE_LIMITS = {"submit": "1/m/user"}

    def is_within_rate(user):
        request = rf.post("/")
        request.user = user
        return consume_rate(request, "submit")

    assert [is_within_rate(user) for user in (mika, mika, ren)] == [True, False, True]
