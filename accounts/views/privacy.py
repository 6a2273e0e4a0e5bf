"""What the site knows about a person; floors above put the buttons here."""

from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def privacy(request):
    return render(request, "accounts/privacy.html")
