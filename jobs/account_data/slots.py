"""The section with export and erasure on the privacy page."""

from django.template.loader import render_to_string

from accounts.access import get_home
from jobs.account_data import views as account_data_views


def section(context) -> str:
    request = context["request"]
    home = get_home(request.user)
    return render_to_string(
        "jobs/erase.html#privacy",
        {
            "packed": account_data_views.get_newest_export(request.user),
            "packing": account_data_views.active_jobs(home, "export").first(),
        },
        request,
    )
