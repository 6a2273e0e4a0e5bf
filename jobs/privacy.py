"""The two buttons on the privacy page."""

from django.template.loader import render_to_string

from accounts.access import home_of
from jobs.views import people


def section(context) -> str:
    request = context["request"]
    home = home_of(request.user)
    return render_to_string(
        "jobs/_privacy.html",
        {"packed": people.newest_export(request.user), "packing": people.ongoing(home, "export").first()},
        request,
    )
