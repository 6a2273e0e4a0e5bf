"""Tab of the operators' pages."""

from django.conf import settings
from django.template.loader import render_to_string


def render_operator_tab(context) -> str:
    request = context["request"]
    if not settings.BILLING or not request.user.has_perm("accounts.view_plan"):
        return ""
    is_current = request.resolver_match.url_name in ("plans", "plan")
    return render_to_string("plans/_operator_tab.html", {"is_current": is_current}, request)
