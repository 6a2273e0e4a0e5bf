"""A person asks for everything kept about them, or for all of it to be erased. Both want the password again."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.files.storage import storages
from django.db import transaction
from django.db.models.functions import Now
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services as accounts
from accounts.access import get_home
from jobs.account_data import job_kinds as account_data_jobs
from jobs.account_data.job_kinds import EXPORT_LASTS, export_key
from jobs.models import Job, State


@require_POST
@reauthentication_required
def export(request):
    home = get_home(request.user)
    if ongoing(home, "export").exists():
        messages.info(request, _("Your export is already being prepared."))
        return redirect("accounts:privacy")
    account_data_jobs.request_export(request.user)
    messages.success(request, _("Preparing your export. The download will appear here."))
    return redirect("accounts:privacy")


@require_safe
@reauthentication_required
def download(request, pk):
    """The zip, for the one who asked, for a day."""
    job = exports(request.user).filter(pk=pk).first()
    if job is None or not is_packed(job):
        raise Http404
    file = storages["clips"].open(export_key(job.pk))
    return FileResponse(file, as_attachment=True, filename="tapwari-export.zip", content_type="application/zip")


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def erase(request):
    """GET says what will be gone; POST closes the account at once and erases it as a job."""
    if request.method != "POST":
        return render(request, "jobs/erase.html")
    user = request.user
    try:
        with transaction.atomic():
            account_data_jobs.request_erasure(user)
            accounts.close_account(user)
    except accounts.LastOperator as refusal:
        return render(request, "jobs/erase.html", {"refusal": str(refusal)}, status=409)
    return redirect("/")


def ongoing(home, kind):
    return Job.objects.shown().active().filter(workspace=home, kind=kind)


def exports(user):
    """The exports about this person that can still be downloaded, whoever had one tried again."""
    fresh = Job.objects.shown().filter(kind="export", params__user=str(user.pk), state=State.READY)
    return fresh.filter(finished_at__gt=Now() - EXPORT_LASTS).order_by("-created_at")


def newest_export(user) -> Job | None:
    job = exports(user).first()
    return job if job and is_packed(job) else None


def is_packed(job) -> bool:
    """Whoever throws it away throws away its file, and the bin gives back only the job."""
    return storages["clips"].exists(export_key(job.pk))
