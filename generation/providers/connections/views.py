"""Pages of connections: lists of a user's and a workspace's connections, and the settings of one connection."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.billing.limits import consume_rate
from accounts.permissions import MANAGE, can
from accounts.viewer import get_workspace
from common.web.htmx import redirect_to, render_target
from generation.providers.connections import access, overview, test_job
from generation.providers.connections import services as connection_services
from generation.providers.connections.forms import ConnectionForm, OrderForm
from generation.providers.models import Connection
from generation.providers.registry import connectable_providers


@require_safe
def own_connections(request):
    """List the user's own connections."""
    connections = access.visible_connections(request.viewer).filter(owner=request.user).order_by("created_at")
    return _render_list(request, connections, {"workspaces": _visible_workspaces(request)})


@require_http_methods(["GET", "HEAD", "POST"])
def workspace_connections(request, pk):
    """List a workspace's connections (GET), or set their failover order (POST)."""
    workspace = get_workspace(request.viewer, pk)
    connections = access.visible_connections(request.viewer).filter(workspace=workspace).order_by("created_at")
    form = OrderForm(_posted_data(request), connections=list(connections))
    may_manage = can(request.viewer, MANAGE, workspace)
    if request.method == "POST":
        if not may_manage:
            raise PermissionDenied
        if form.is_valid():
            connection_services.set_failover_order(workspace, by=request.user, order=form.order())
            messages.success(request, _("Saved."))
            return redirect("generation:connections_of", workspace.pk)
    context = {"place": workspace, "order": form, "workspaces": _visible_workspaces(request), "may_manage": may_manage}
    return _render_list(request, connections, context, 422 if form.errors else 200)


def _visible_workspaces(request):
    return sorted(request.viewer.workspaces, key=lambda workspace: workspace.name)


def _render_list(request, connections, more: dict, status=200):
    site = Connection.objects.usable_by(None, None).values_list("provider", flat=True).distinct()
    context = {
        "rows": overview.build_rows(connections, request.viewer),
        "engines": overview.list_connectable_providers(),
        "site": [engine for slug, engine in connectable_providers().items() if slug in set(site)],
        **more,
    }
    return render_target(request, "generation/connections.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def add_connection(request):
    """Add a connection (``?provider=kling&whose=<workspace id>``). Without a provider, list the providers to choose."""
    engine = connectable_providers().get(request.GET.get("provider", ""))
    if engine is None or engine.is_local:
        choices = {"engines": overview.list_connectable_providers()}
        return render_target(request, "generation/connection_choose.html", choices)
    form = ConnectionForm(
        _posted_data(request),
        engine=engine,
        owners=overview.owner_choices(request.viewer, _("Personal")),
        workspaces=_visible_workspaces(request),
        initial={"whose": request.GET.get("whose", "")},
    )
    if request.method == "POST" and form.is_valid() and (added := _add_or_explain(request, engine, form)):
        _test_saved_key(request, added)
        messages.success(request, _("%(name)s is saved. Its key is being tested.") % {"name": added.label})
        return redirect(_list_url(added))
    context = {"form": form, "engine": engine}
    return render_target(request, "generation/connection_form.html", context, status=422 if form.errors else 200)


def _test_saved_key(request, connection: Connection) -> None:
    """Start the free test of a key that was just saved."""
    page = reverse("generation:connection", args=[connection.pk])
    test_job.start_test(connection, by=request.user, workspace=request.workspace, page=page)


def _add_or_explain(request, engine, form) -> Connection | None:
    """Add a connection and return it. If that is refused, add the reason to the form's errors and return None."""
    try:
        return connection_services.add_connection(
            by=request.user,
            provider=engine.slug,
            secret=form.secret(),
            **_owner_columns(request, form),
            **form.columns(),
        )
    except connection_services.ConnectionRefused as refusal:
        form.add_error(None, str(refusal))
        return None


def _owner_columns(request, form) -> dict:
    """Return the chosen workspace or the user as the owner. The form offers only workspaces that the user manages."""
    if workspace_id := form.cleaned_data.get("whose"):
        return {"workspace": get_workspace(request.viewer, workspace_id)}
    return {"owner": request.user}


@require_http_methods(["GET", "HEAD", "POST"])
def edit_connection(request, pk):
    """Show and change one connection. htmx also requests only its row of the list, to refresh it while a test runs."""
    connection = access.get_visible_connection(request.viewer, pk)
    row = overview.build_rows([connection], request.viewer)[0]
    if not row.can_change and request.method == "POST":
        raise PermissionDenied
    if row.engine is None:
        raise Http404
    workspaces = [connection.workspace] if connection.workspace_id else _visible_workspaces(request)
    form = ConnectionForm(
        _posted_data(request), engine=row.engine, connection=connection, mask=row.mask, workspaces=workspaces
    )
    if request.method == "POST" and form.is_valid() and _change_or_explain(request, connection, form):
        if form.has_new_key():
            _test_saved_key(request, connection)
        messages.success(request, _("Saved."))
        return redirect(_list_url(connection))
    context = {"form": form, "engine": row.engine, "row": row, "connection": connection}
    targets = {f"connection-{connection.pk}": "row"}
    status = 422 if form.errors else 200
    return render_target(request, "generation/connection_form.html", context, targets=targets, status=status)


def _change_or_explain(request, connection, form) -> bool:
    """Change the connection and return True. If refused, add the reason to the form's errors and return False."""
    try:
        connection_services.change_connection(
            connection, by=request.user, secret=form.secret(), forget=form.forgotten(), **form.columns()
        )
    except connection_services.ConnectionRefused as refusal:
        form.add_error("base_url", str(refusal))
        return False
    return True


@require_POST
def test_connection(request, pk):
    connection = access.get_managed_connection(request.viewer, pk)
    if not consume_rate(request, "submit"):
        messages.error(request, _("Too many requests. Wait a moment and try again."))
        return redirect_to(request, _list_url(connection))
    page = reverse("generation:connection", args=[connection.pk])
    test_job.start_test(connection, by=request.user, workspace=request.workspace, page=page)
    if not request.htmx:
        return redirect(_list_url(connection))
    [row] = overview.build_rows([connection], request.viewer)
    return render_target(request, "generation/connections.html#row", {"row": row})


@require_POST
def set_enabled(request, pk):
    """Enable the connection if ``on`` was posted, otherwise disable it."""
    connection = access.get_managed_connection(request.viewer, pk)
    connection_services.set_enabled(connection, by=request.user, on="on" in request.POST)
    return redirect_to(request, _list_url(connection))


@require_POST
def set_default(request, pk):
    """Make the connection the default if ``on`` was posted; otherwise remove the default."""
    connection = access.get_managed_connection(request.viewer, pk)
    connection_services.set_default(connection, by=request.user, on="on" in request.POST)
    return redirect_to(request, _list_url(connection))


@require_http_methods(["GET", "HEAD", "POST"])
def delete_connection(request, pk):
    """Confirm and delete a connection: GET shows what happens to clips in progress, POST deletes."""
    connection = access.get_managed_connection(request.viewer, pk)
    if request.method == "POST":
        connection_services.delete_connection(connection, by=request.user)
        messages.success(request, _("%(name)s was deleted.") % {"name": connection.label})
        return redirect(_list_url(connection))
    context = {"connection": connection, **connection_services.count_clips(connection)}
    return render_target(request, "generation/connection_delete.html", context)


def _posted_data(request):
    return request.POST if request.method == "POST" else None


def _list_url(connection: Connection) -> str:
    """Return the address of the list that contains the connection."""
    if connection.workspace_id:
        return reverse("generation:connections_of", args=[connection.workspace_id])
    return reverse("generation:connections")
