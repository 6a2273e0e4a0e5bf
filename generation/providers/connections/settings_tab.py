"""Tab "Connections" of the settings."""

from django.template.loader import render_to_string


def render_tab(context) -> str:
    request = context["request"]
    view_name = request.resolver_match.view_name or ""
    is_current = "connection" in view_name or "workflow" in view_name
    return render_to_string("generation/connections.html#tab", {"is_current": is_current}, request)
