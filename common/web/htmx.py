"""Responses for htmx: the whole page, or the partial that was requested."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.template.response import TemplateResponse


def target_id(request) -> str:
    """Return the id of the target element, or "". htmx 4 sends ``tag#id``, htmx 2 ``id``."""
    return (request.htmx.target or "").rpartition("#")[2] if request.htmx else ""


def render_target(request, template, context, *, targets=None, status=200):
    """Render the partial of the target element, otherwise the whole page. ``targets``: element id → partial of the
    template, or the full name of a partial elsewhere, with its "#".

    HX-Target decides, not HX-Request: htmx also sends the latter when it restores history, where a fragment would
    replace the page.
    """
    partial = (targets or {}).get(target_id(request), "")
    name = partial if "#" in partial else f"{template}#{partial}" if partial else template
    return TemplateResponse(request, name, context, status=status, headers={"Vary": "HX-Request, HX-Target"})


def redirect_to(request, target) -> HttpResponse:
    """Redirect to a page, with HX-Redirect if htmx sent the request."""
    url = resolve_url(target)
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def refuse(request, message, status: int) -> HttpResponse:
    """Respond that nothing was changed, and why: with a toast for htmx, which then swaps nothing, else with a page."""
    if request.htmx:
        messages.error(request, message)
        return HttpResponse(status=status, headers={"HX-Reswap": "none"})
    return render(request, "409.html", {"refusal": message}, status=status)


def mark_draft_saved(response: HttpResponse, draft: str) -> HttpResponse:
    """Set a cookie that tells the browser to delete its draft of the form (static/js/drafts.js).

    A script cannot tell this response from a page with form errors.
    """
    response.set_cookie("saved_draft", draft, max_age=60, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response
