"""Tab "Connections" of the settings."""

from django.template.loader import render_to_string


def render_tab(context) -> str:
    request = context["request"]
    page = request.resolver_match.view_name or ""
    is_current = "connection" in page or "workflow" in page
    return render_to_string("generation/connections.html#tab", {"is_current": is_current}, request)
