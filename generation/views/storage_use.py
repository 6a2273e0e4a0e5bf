"""The page of what a workspace keeps in storage."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.billing.usage.storage import measure_workspace


@require_safe
def storage_used(request):
    """Show what the workspace keeps, by kind."""
    kinds = measure_workspace(request.workspace)
    context = {"kinds": kinds, "total": sum(size for _name, size in kinds), "largest": kinds[0][1] or 1}
    return render(request, "generation/storage.html", context)
