"""Designed answers for what went wrong: what happened, and what to do next."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token


def bad_request(request, exception):
    return render(request, "400.html", status=400)


@requires_csrf_token
def forbidden(request, exception, reason=""):
    return render(request, "403.html", status=403)


def not_found(request, exception):
    return render(request, "404.html", status=404)


def unavailable(request):
    """Something this page cannot do without does not answer; it may be back in a moment."""
    response = render(request, "503.html", {"request_id": getattr(request, "id", "")}, status=503)
    response.headers["Retry-After"] = "30"
    return response


def broken(request):
    """The one page that must not touch database, session or translation files that may be what broke."""
    return render(request, "500.html", {"request_id": getattr(request, "id", "")}, status=500)


def plain_not_found(request, exception=None):
    return HttpResponse("Not found.\n", status=404, content_type="text/plain")


def plain_broken(request):
    return HttpResponse("Broken.\n", status=500, content_type="text/plain")
