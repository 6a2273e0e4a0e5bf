"""Error pages: what happened, and what to do next."""

import sys
from functools import wraps

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import requires_csrf_token

from common.pagination import UnknownCursor
from common.web.outages import DATABASE_AWAY, DATABASE_BUSY, DISK_FULL, NO_RESPONSE, find_outage

CURSORS = ("after", "bin", "part", "seen", "heading")  # what says in an address at which place of a list it is

SENTENCES = {
    NO_RESPONSE: _(
        "A part of the studio that this page needs is not responding. Nothing was changed. Try again in a minute."
    ),
    DATABASE_AWAY: _(
        "The database of this studio is not reachable. Nothing was changed and nothing was charged. Try again in a "
        "minute."
    ),
    DATABASE_BUSY: _(
        "Something else has been writing to the database of this studio for too long. Nothing was changed and nothing "
        "was charged. Try again in a minute."
    ),
}


def bad_request(request, exception):
    """Respond 400, with a way to the first page of a list that has no such page."""
    first_page = _build_first_page(request) if isinstance(exception, UnknownCursor) else ""
    return render(request, "400.html", {"first_page": first_page}, status=400)


def _build_first_page(request) -> str:
    """Return the path of the list with its filters, without the place in it."""
    query = request.GET.copy()
    for name in CURSORS:
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


@requires_csrf_token
def forbidden(request, exception, reason=""):
    return render(request, "403.html", status=403)


def not_found(request, exception):
    return render(request, "404.html", status=404)


def deleted_is_not_found(view):
    """Decorate a view to respond 404 if its object is deleted permanently while the view runs."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except ObjectDoesNotExist as error:
            raise Http404 from error

    return wrapped


def too_many_requests(request):
    """Respond to a request above one of allauth's rate limits, the shortest of which counts by the minute."""
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = "60"
    return response


def service_unavailable(request, outage=NO_RESPONSE):
    """Respond 503: what the page needs is away or busy, but may be back in a moment."""
    response = _render_standalone(request, "503.html", status=503, sentence=SENTENCES[outage])
    response.headers["Retry-After"] = "30"
    return response


def closed_for_maintenance(request):
    """Respond 503: the operators have closed the site for a while."""
    response = _render_standalone(request, "maintenance.html", status=503)
    response.headers["Retry-After"] = "300"
    response.headers["Cache-Control"] = "no-store"
    return response


def insufficient_storage(request):
    """Respond 507: the disk is full, so that nothing can be written, not even a session."""
    return _render_standalone(request, "507.html", status=507)


def server_error(request):
    """Respond to an unexpected error: 507 if the disk is full, 503 at another outage, else 500."""
    outage = find_outage(sys.exc_info()[1])
    if outage == DISK_FULL:
        return insufficient_storage(request)
    if outage:
        return service_unavailable(request, outage)
    return _render_standalone(request, "500.html", status=500)


def _render_standalone(request, template, status, **context):
    """Render a page without user, session or database, since those may be the cause of the error."""
    page = render_to_string(template, {"request_id": getattr(request, "id", ""), **context})
    return HttpResponse(page, status=status)


def plain_not_found(request, exception=None):
    return HttpResponse("Not found.\n", status=404, content_type="text/plain")


def plain_server_error(request):
    is_outage = bool(find_outage(sys.exc_info()[1]))
    text, status = ("Back in a moment.\n", 503) if is_outage else ("Broken.\n", 500)
    return HttpResponse(text, status=status, content_type="text/plain")
