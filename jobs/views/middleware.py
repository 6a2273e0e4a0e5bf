"""Middleware for errors of job services that a view did not handle."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts.billing.refusals import BillingRefusal, get_lack
from jobs.services import JobRefused
from jobs.views.refusals import show_refusal


class JobErrors:
    """Responds 409 with the message of the error: as a toast for htmx, else as a page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, JobRefused | BillingRefusal):
            return None
        if not request.htmx:
            return render(request, "409.html", {"refusal": str(exception), "lacks": get_lack(exception)}, status=409)
        show_refusal(request, exception)
        return HttpResponse(status=409, headers={"HX-Reswap": "none"})
