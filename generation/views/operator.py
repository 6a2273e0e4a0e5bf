"""The operators' pages of providers: the studio's own connections, failures, models and their prices in currency."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import operator_page
from generation.forms import PriceForm
from generation.providers.connections import services as connection_services
from generation.providers.models import Connection
from generation.services import model_prices
from generation.views import operator_rows


@require_safe
@operator_page("generation.view_providermodel")
def overview(request):
    """List the providers; ``?open=kling`` unfolds the models of one."""
    context = {
        "providers": operator_rows.list_providers(),
        "open": request.GET.get("open", ""),
        "can_switch": request.user.has_perm("generation.change_connection"),
        "can_price": request.user.has_perm("generation.change_providermodel"),
    }
    return render(request, "operator/providers.html", context)


@require_POST
@operator_page("generation.change_connection")
def switch(request, pk):
    """Enable or disable a connection of the studio's own."""
    connection = get_object_or_404(Connection, pk=pk, owner=None, workspace=None, deleted_at=None)
    is_on = request.POST.get("on") == "1"
    connection_services.set_enabled(connection, by=request.user, on=is_on)
    messages.success(request, _("The connection is enabled.") if is_on else _("The connection is disabled."))
    return redirect("operator:providers")


@require_http_methods(["GET", "HEAD", "POST"])
@operator_page("generation.change_providermodel")
def price(request, provider, model):
    """Show the prices of a model, and change them in currency."""
    found = operator_rows.find_model(provider, model)
    if found is None:
        raise Http404
    form = PriceForm(request.POST or None, initial=found.form_values)
    if request.method == "POST" and form.is_valid():
        model_prices.change_model(provider, model, by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved. New clips cost this within seconds."))
        return redirect("operator:providers")
    status = 422 if form.errors else 200
    return render(request, "operator/price.html", {"model": found, "form": form}, status=status)
