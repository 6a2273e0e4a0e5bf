"""Who may see and pay what: owners, in their own workspaces, on a site that takes payments."""

from functools import wraps
from uuid import UUID

from django.conf import settings
from django.http import Http404

from accounts.billing.payments.models import Purchase
from accounts.billing.payments.providers.registry import has_provider
from accounts.permissions import BILL, can
from accounts.viewer import Viewer


def with_billing(view):
    """Let the view exist only on a site with billing."""

    @wraps(view)
    def checked(request, *args, **kwargs):
        if not settings.BILLING:
            raise Http404
        return view(request, *args, **kwargs)

    return checked


def with_provider(slug: str):
    """Let a view exist only on a site that sells through that payment provider."""

    def decorate(view):
        @wraps(view)
        def checked(request, *args, **kwargs):
            if not has_provider(slug):
                raise Http404
            return view(request, *args, **kwargs)

        return checked

    return decorate


def check_owner(user, workspace) -> None:
    """Raise Http404 unless the user owns the workspace."""
    if not can(user, BILL, workspace):
        raise Http404


def list_purchase_revisions(ids: list[UUID], viewer: Viewer | None) -> dict[UUID, str]:
    """Return what changes with purchases of workspaces that the viewer owns (common.live.topics)."""
    rows = Purchase.objects.filter(pk__in=ids)
    return {row.pk: row.revision for row in rows if viewer is None or can(viewer, BILL, row.workspace_id)}


def get_purchase(user, pk) -> Purchase:
    """Return a purchase of a workspace that the user owns, else raise Http404."""
    purchase = Purchase.objects.select_related("workspace").filter(pk=pk).first()
    if purchase is None or not can(user, BILL, purchase.workspace):
        raise Http404
    return purchase
