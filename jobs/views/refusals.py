"""Show why a request was refused, with links to what it lacks."""

from django.contrib import messages

from accounts.billing.refusals import get_lack


def show_refusal(request, refusal: Exception, workspaces=()) -> None:
    """Add the refusal to the messages of the page, which link to what can be bought (components/toast.html).

    ``workspaces``: ids of those that lack it, if they may be others than the one at hand, for which one can buy.
    """
    lack = get_lack(refusal) if all(pk == request.workspace.pk for pk in workspaces) else ""
    messages.error(request, str(refusal), extra_tags=f"lacks:{lack}" if lack else "")
