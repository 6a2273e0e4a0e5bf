"""One view, two answers: the whole page, or the part that asked for it."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse


def target_id(request) -> str:
    """Id of the element that asked. htmx 4 sends it as ``tag#id``, htmx 2 as ``id``."""
    return (request.htmx.target or "").rpartition("#")[2] if request.htmx else ""


def render_target(request, template, context, *, targets=None, status=200):
    """Render the partial whose element asked for it; otherwise the whole page.

    HX-Target decides, not HX-Request: htmx also sends the latter when it restores history, and then a
    fragment would replace the page.
    """
    partial = (targets or {}).get(target_id(request))
    name = f"{template}#{partial}" if partial else template
    return TemplateResponse(request, name, context, status=status, headers={"Vary": "HX-Request, HX-Target"})


def go_to(request, where) -> HttpResponse:
    """Send the person to a page: a redirect, or HX-Redirect when htmx asked."""
    url = resolve_url(where)
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def came_in(answer: HttpResponse, draft: str) -> HttpResponse:
    """Tells the browser that what lies in this draft of a form is kept now: it need not be given back any more
    (static/js/draft.js). Only the answer knows; a page that says what went wrong looks like any other to a script."""
    answer.set_cookie("came_in", draft, max_age=60, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return answer
