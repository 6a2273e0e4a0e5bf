"""Accounts at providers: a person's own, those of their workspaces, and what can be done with each."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_workspace, visible_workspaces
from accounts.billing.limits import consume_rate
from accounts.permissions import MANAGE, can
from common.web.htmx import redirect_to, render_target
from generation.providers.connections import access, overview, test_job
from generation.providers.connections import services as connection_services
from generation.providers.connections.forms import ConnectionForm, OrderForm
from generation.providers.models import Connection
from generation.providers.registry import connectable_providers


@require_safe
def own_connections(request):
    """The person's own accounts."""
    found = access.visible_connections(request).filter(owner=request.user).order_by("created_at")
    return _render_list(request, found, {"workspaces": _visible_workspaces(request)})


@require_http_methods(["GET", "HEAD", "POST"])
def workspace_connections(request, pk):
    """A workspace's accounts; POST puts them in the order in which they stand in for each other."""
    place = get_visible_workspace(request.user, request.workspace, pk)
    found = access.visible_connections(request).filter(workspace=place).order_by("created_at")
    form = OrderForm(_posted_data(request), connections=list(found))
    if request.method == "POST":
        if not can(request.user, MANAGE, place):
            raise PermissionDenied
        if form.is_valid():
            connection_services.set_failover_order(place, by=request.user, order=form.order())
            messages.success(request, _("Saved."))
            return redirect("generation:connections_of", place.pk)
    more = {"place": place, "order": form, "workspaces": _visible_workspaces(request)}
    return _render_list(
        request, found, more | {"may_manage": can(request.user, MANAGE, place)}, 422 if form.errors else 200
    )


def _visible_workspaces(request):
    return visible_workspaces(request.user, request.workspace).order_by("name")


def _render_list(request, found, more, status=200):
    site = Connection.objects.usable_by(None, None).values_list("provider", flat=True).distinct()
    context = {
        "rows": overview.build_rows(found, request.user),
        "engines": overview.list_connectable_providers(),
        "site": [engine for slug, engine in connectable_providers().items() if slug in set(site)],
        **more,
    }
    return render_target(request, "generation/connections.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def add_connection(request):
    """``?provider=kling&whose=<workspace>``; without a provider the list to choose from."""
    engine = connectable_providers().get(request.GET.get("provider", ""))
    if engine is None or engine.is_local:
        return render_target(
            request, "generation/connection_choose.html", {"engines": overview.list_connectable_providers()}
        )
    whose = overview.owner_choices(request.user, _("Only me"))
    initial = {"whose": request.GET.get("whose", "")}
    places = _drawing_workspaces(request)
    form = ConnectionForm(_posted_data(request), engine=engine, whose=whose, workspaces=places, initial=initial)
    if request.method == "POST" and form.is_valid() and (made := _add_or_explain(request, engine, form)):
        messages.success(
            request, _("%(name)s is connected. Test the connection to make sure it works.") % {"name": made.label}
        )
        return redirect(_list_url(made))
    context = {"form": form, "engine": engine}
    return render_target(request, "generation/connection_form.html", context, status=422 if form.errors else 200)


def _add_or_explain(request, engine, form):
    """The new account, or None with the reason on the form."""
    try:
        return connection_services.add_connection(
            by=request.user,
            provider=engine.slug,
            secret=form.secret(),
            **_owner_columns(request, form),
            **form.columns(),
        )
    except connection_services.ConnectionRefused as why:
        form.add_error(None, str(why))
        return None


def _drawing_workspaces(request, held=None) -> list:
    """The workspaces in which this account may be drawn with."""
    return [held.workspace] if held and held.workspace_id else list(_visible_workspaces(request))


def _owner_columns(request, form) -> dict:
    """The form offered only what the person may own."""
    chosen = form.cleaned_data.get("whose")
    return (
        {"workspace": get_visible_workspace(request.user, request.workspace, chosen)}
        if chosen
        else {"owner": request.user}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit_connection(request, pk):
    """One account: to change, or as its row of the list while a test runs."""
    held = access.get_visible_connection(request, pk)
    row = overview.build_rows([held], request.user)[0]
    if not row.can_change and request.method == "POST":
        raise PermissionDenied
    if row.engine is None:
        raise Http404
    places = _drawing_workspaces(request, held)
    form = ConnectionForm(_posted_data(request), engine=row.engine, held=held, mask=row.mask, workspaces=places)
    if request.method == "POST" and form.is_valid() and _change_or_explain(request, held, form):
        messages.success(request, _("Saved."))
        return redirect(_list_url(held))
    context = {"form": form, "engine": row.engine, "row": row, "connection": held}
    targets = {f"connection-{held.pk}": "row"}
    status = 422 if form.errors else 200
    return render_target(request, "generation/connection_form.html", context, targets=targets, status=status)


def _change_or_explain(request, held, form) -> bool:
    try:
        connection_services.change_connection(
            held, by=request.user, secret=form.secret(), forget=form.forgotten(), **form.columns()
        )
    except connection_services.ConnectionRefused as why:
        form.add_error("base_url", str(why))
        return False
    return True


@require_POST
def test_connection(request, pk):
    held = access.get_managed_connection(request, pk)
    if not consume_rate(request, "submit"):
        messages.error(request, _("Too many requests: at most 30 a minute. Wait a moment and try again."))
        return redirect_to(request, _list_url(held))
    page = reverse("generation:connection", args=[held.pk])
    test_job.start_test(held, by=request.user, workspace=request.workspace, page=page)
    if not request.htmx:
        return redirect(_list_url(held))
    [row] = overview.build_rows([held], request.user)
    return render_target(request, "generation/connections.html#row", {"row": row})


@require_POST
def set_enabled(request, pk):
    """``on`` given: on; otherwise off."""
    held = access.get_managed_connection(request, pk)
    connection_services.set_enabled(held, by=request.user, on="on" in request.POST)
    return redirect_to(request, _list_url(held))


@require_POST
def set_default(request, pk):
    """``on`` given: Create begins with it from now on; otherwise no longer."""
    held = access.get_managed_connection(request, pk)
    connection_services.set_default(held, by=request.user, on="on" in request.POST)
    return redirect_to(request, _list_url(held))


@require_http_methods(["GET", "HEAD", "POST"])
def delete_connection(request, pk):
    """GET says what will happen to clips under way; POST does it."""
    held = access.get_managed_connection(request, pk)
    if request.method == "POST":
        connection_services.delete_connection(held, by=request.user)
        messages.success(request, _("%(name)s was deleted.") % {"name": held.label})
        return redirect(_list_url(held))
    context = {"connection": held, **connection_services.count_clips(held)}
    return render_target(request, "generation/connection_delete.html", context)


def _posted_data(request):
    return request.POST if request.method == "POST" else None


def _list_url(held) -> str:
    """The list that the account stands in."""
    if held.workspace_id:
        return reverse("generation:connections_of", args=[held.workspace_id])
    return reverse("generation:connections")
