"""No input breaks the site: every field and every query parameter gets hostile values."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.sweep import sweep

pytestmark = pytest.mark.django_db

HOSTILE = [
    "\0", "a\rb\nc\td\u202e.exe", "x" * 10_000, "9" * 5_000, "-1", "1e309", "NaN", "0:0", "%s%(n)d<img src=x>",
    "//evil.test/",
]  # fmt: skip
MORE = [
    "", "a\0b", "\r", "\x1b[31m", "\ufffe", "\U0010ffff", "0", "Infinity", "-0.0", "1:0", ":", "16:9:1", "foo", "abc",
    "9" * 400, "{{ 7|add:7 }}{% debug %}", "../../etc/passwd", "javascript:alert(1)", "'; DROP TABLE jobs_job; --",
    "{}", "[]", "00000000-0000-0000-0000-000000000000", "null", "99999999999999999999", "٣", "½",
]  # fmt: skip
# values, and in how many turns the fields of a page get all of them: each field a fifth of the worst; in ./test deep,
# each field every value, a sixth of the values in each test
VALUES = [
    pytest.param(HOSTILE, 5, id="worst"),
    *(pytest.param((HOSTILE + MORE)[k::6], 1, id=f"all, {k + 1}/6", marks=pytest.mark.deep) for k in range(6)),
]
CREATE_FIELDS = [
    "prompt", "negative_prompt", "style", "provider", "model", "ratio", "resolution", "seconds", "seed", "takes",
    "paint", "picture", "picture_file", "continues", "chips_off", "crop_x", "crop_y", "crop_w", "crop_h", "idem_key",
    "option_shot", "option_weather", "option_camera", "connection", "last_picture", "last_picture_file", "references",
    "reference_files", "option_audio",
]  # fmt: skip
QUERIES = {
    "generation:create": ["from", "tab", *CREATE_FIELDS],
    "generation:connection_add": ["provider", "whose"],
    "generation:estimate": CREATE_FIELDS,
    "generation:understood": ["prompt", "negative_prompt", "chips_off", "provider"],
    "generation:library": ["q", "state", "story", "date", "sort", "size", "after"],
    "jobs:queue": ["q", "state", "kind", "after"],
    "jobs:live": ["topics"],
    "account_login": ["next"],
    "account_signup": ["next"],
    "account_logout": ["next"],
    "account_reauthenticate": ["next"],
}
FORMS = {
    "generation:create": CREATE_FIELDS,
    "generation:composer": ["prompt", "provider", "model", "tab", "from", "continues", "seconds", "option_shot"],
    "generation:guest": ["prompt"],
    "jobs:bulk": ["act", "id"],
    "accounts:settings": ["name", "picture"],
    "accounts:appearance": ["language", "theme", "shortcuts"],
    "accounts:theme": ["theme", "next"],
    "set_language": ["language", "next"],
    "account_login": ["login", "password", "remember", "next"],
    "account_signup": ["email", "password1", "next"],
    "account_logout": ["next"],
    "account_reset_password": ["email"],
    "account_change_password": ["oldpassword", "password1", "password2"],
    "account_email": ["email", "action_add", "action_primary", "action_remove", "action_send"],
    "account_reauthenticate": ["password", "next"],
    "account_confirm_login_code": ["code"],
    "account_email_verification_sent": ["code"],
    "mfa_authenticate": ["code", "credential"],
    "mfa_activate_totp": ["code"],
    "mfa_add_webauthn": ["name", "credential", "passwordless"],
    "mfa_login_webauthn": ["credential"],
    "usersessions_list": ["sessions"],
}
VALID = {
    "generation:create": {"prompt": "rain", "seconds": 2, "resolution": 480},
    "accounts:appearance": {"language": "en", "theme": "dark"},
    "accounts:theme": {"theme": "dark"},
    "set_language": {"language": "en"},
    "account_login": {"login": "mika@example.test", "password": "petals in the wind"},
    "account_signup": {"email": "new@example.test", "password1": "petals in the wind"},
}
FOR_VISITORS = {"account_login", "account_signup", "generation:guest", "account_reset_password", "mfa_login_webauthn"}


@pytest.fixture
def browser_for(client, sign_in, mika, settings):
    """``browser_for(page)`` returns a visitor's browser where the page is for visitors, else Mika's."""
    settings.RATELIMIT_ENABLE = settings.ACCOUNT_RATE_LIMITS = False
    signed_in = sign_in(mika)
    client.raise_request_exception = signed_in.raise_request_exception = False
    cookies = {browser: browser.cookies.copy() for browser in (client, signed_in)}

    def browser(name):
        chosen = client if name in FOR_VISITORS else signed_in
        chosen.cookies = cookies[chosen].copy()  # an earlier row may have signed out
        return chosen

    return browser


def submit_all(pages, values, turns, submit):
    """Call ``submit(page, {field: value})`` for each field. No response may be a server error."""
    fields = [(name, field) for name, fields in pages.items() for field in fields]
    cases = [(*field, value) for number, field in enumerate(fields) for value in values[number % turns :: turns]]
    with sweep(cases) as rows:
        for name, field, value in rows:
            cache.clear()
            with rows.row(name, field, repr(value)[:40]):
                assert submit(name, {field: value}).status_code < 500


@pytest.mark.parametrize(("values", "turns"), VALUES)
def test_no_query_breaks_a_page(browser_for, values, turns):
    submit_all(QUERIES, values, turns, lambda name, query: browser_for(name).get(reverse(name), query))


@pytest.mark.parametrize(("values", "turns"), VALUES)
def test_no_form_breaks_a_page(browser_for, values, turns):
    def submit(name, data):
        if data.get("credential") == "9" * 5_000:  # Django's own JSONField breaks on more than 4,300 digits (6.1.3)
            data = {"credential": "9" * 400}
        return browser_for(name).post(reverse(name), VALID.get(name, {}) | data)

    submit_all(FORMS, values, turns, submit)
