"""Middleware for errors of job services that a view did not handle."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from accounts.billing.refusals import BillingRefusal
from jobs.services import JobRefused


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
            return render(request, "409.html", {"refusal": str(exception)}, status=409)
        messages.error(request, str(exception))
        return HttpResponse(status=409, headers={"HX-Reswap": "none"})
