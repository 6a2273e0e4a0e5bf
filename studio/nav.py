"""The way to the stories in the menu of every page."""

from django.template.loader import render_to_string


def entry(context) -> str:
    """Fills "nav.pages". Guests have no stories: the way is shown to people who are signed in."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if not (user and user.is_authenticated):
        return ""
    match = getattr(request, "resolver_match", None)
    return render_to_string("studio/_nav.html", {"is_here": bool(match) and match.app_name == "studio"})
