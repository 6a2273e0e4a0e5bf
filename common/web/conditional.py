"""Answer a poll with 304, which costs a few milliseconds, while the page shows what it would get.

A view gives the ``facts`` of its fragment: the values of all rows it shows. They, the viewer, the language and this
version of the program make the strong ETag. static/js/conditional-polling.js sends the last one back.
"""

import hashlib
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language

LONGEST = 300  # seconds for which nothing is taken as unchanged: signed links on the page expire
SOURCES = {".py", ".html", ".mo"}


def answer_poll(request, facts, render: Callable[[], HttpResponse]) -> HttpResponse:
    """Return 304 if the page has these facts already, otherwise the response of ``render``.

    A request with messages for the user is always answered in full, and never compared with later.
    """
    if len(get_messages(request)):
        return render()
    tag = build_tag(request, facts)
    known = {found.removeprefix("W/") for found in parse_etags(request.headers.get("If-None-Match", ""))}
    response = HttpResponseNotModified() if tag in known else render()
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ("Cookie", "HX-Request", "HX-Target"))
    return response


def build_tag(request, facts) -> str:
    """Return the ETag of a fragment. The cookie is that of the token in its forms."""
    cookie = request.COOKIES.get(settings.CSRF_COOKIE_NAME, "")
    viewer = (request.user.pk, get_language(), cookie, request.get_full_path(), request.headers.get("HX-Target", ""))
    text = repr((_mark_program(), int(time.time()) // LONGEST, viewer, facts))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


@cache
def _mark_program() -> str:
    """Return a digest that changes with the program, the same in all processes of an installation."""
    roots = {Path(app.path) for app in apps.get_app_configs()} | {settings.BASE_DIR / "templates"}
    own = [root for root in roots | {settings.BASE_DIR / "locale"} if root.is_relative_to(settings.BASE_DIR)]
    files = sorted(path for root in own for path in root.rglob("*") if path.suffix in SOURCES)
    facts = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr(facts).encode()).hexdigest()
