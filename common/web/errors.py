"""Designed answers for what went wrong: what happened, and what to do next."""

from functools import wraps

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token


def bad_request(request, exception):
    return render(request, "400.html", status=400)


@requires_csrf_token
def forbidden(request, exception, reason=""):
    return render(request, "403.html", status=403)


def not_found(request, exception):
    return render(request, "404.html", status=404)


def gone_is_not_found(view):
    """What ``view`` takes back may be removed for good between its reading and its holding: 404, as a moment later."""

    @wraps(view)
    def answer(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except ObjectDoesNotExist as gone:
            raise Http404 from gone

    return answer


def too_many(request):
    """What allauth answers when one of its limits is reached; the shortest of them counts by the minute."""
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = "60"
    return response


def unavailable(request):
    """Something this page cannot do without does not answer; it may be back in a moment."""
    response = _alone(request, "503.html", status=503)
    response.headers["Retry-After"] = "30"
    return response


def broken(request):
    return _alone(request, "500.html", status=500)


def _alone(request, template, status):
    """A page made without person, session or rows: those may be what broke."""
    page = render_to_string(template, {"request_id": getattr(request, "id", "")})
    return HttpResponse(page, status=status)


def plain_not_found(request, exception=None):
    return HttpResponse("Not found.\n", status=404, content_type="text/plain")


def plain_broken(request):
    return HttpResponse("Broken.\n", status=500, content_type="text/plain")
