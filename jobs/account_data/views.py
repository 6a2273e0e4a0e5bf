"""Export and erasure of a user's data. Both require reauthentication."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.files.storage import storages
from django.db.models.functions import Now
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services as accounts
from accounts.access import get_home
from jobs.account_data import job_kinds as account_data_jobs
from jobs.account_data.job_kinds import EXPORT_RETENTION, export_key
from jobs.models import Job, State


@require_POST
@reauthentication_required
def export(request):
    home = get_home(request.user)
    if active_jobs(home, "export").exists():
        messages.info(request, _("Your export is already being prepared."))
        return redirect("accounts:privacy")
    account_data_jobs.request_export(request.user)
    messages.success(request, _("Preparing your export. The download will appear here."))
    return redirect("accounts:privacy")


@require_safe
@reauthentication_required
def download(request, pk):
    """Download the zip of an export, for a day."""
    job = list_exports(request.user).filter(pk=pk).first()
    if job is None or not has_file(job):
        raise Http404
    file = storages["clips"].open(export_key(job.pk))
    return FileResponse(file, as_attachment=True, filename="tapwari-export.zip", content_type="application/zip")


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def erase(request):
    """Show what will be erased; on POST close the account and submit its erasure."""
    if request.method != "POST":
        return render(request, "jobs/erase.html")
    try:
        account_data_jobs.close_account(request.user, by=request.user)
    except accounts.LastOperator as error:
        return render(request, "jobs/erase.html", {"refusal": str(error)}, status=409)
    return redirect("/")


def active_jobs(home, kind):
    return Job.objects.shown().active().filter(workspace=home, kind=kind)


def list_exports(user):
    """Return the exports of this user's data that have not expired, including retries by others."""
    ready = Job.objects.shown().filter(kind="export", params__user=str(user.pk), state=State.READY)
    return ready.filter(finished_at__gt=Now() - EXPORT_RETENTION).order_by("-created_at")


def get_newest_export(user) -> Job | None:
    job = list_exports(user).first()
    return job if job and has_file(job) else None


def has_file(job) -> bool:
    """Return whether the file exists. Deleting the job deletes the file; restoring brings back only the job."""
    return storages["clips"].exists(export_key(job.pk))
