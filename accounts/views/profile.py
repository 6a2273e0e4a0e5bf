"""Settings of name and profile picture, and the page of privacy."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import avatars, services
from accounts.billing.limits import consume_rate
from accounts.forms import ProfileForm
from common.web.body_limit import max_body


@require_http_methods(["GET", "HEAD", "POST"])
@max_body(21)
def settings(request):
    form = ProfileForm(request.POST or None, request.FILES or None, instance=request.user)
    status: int | None = 200
    if request.method == "POST":
        status = _save_profile(request, form) if form.is_valid() else 422
        if not status:
            messages.success(request, _("Saved."))
            return redirect("accounts:settings")
    return render(request, "accounts/settings.html", {"form": form, "can_upload": avatars.can_upload()}, status=status)


def _save_profile(request, form) -> int | None:
    """Save the form. If that is refused, add the reason to the form and return the HTTP status, else None."""
    picture = form.cleaned_data["picture"]
    if picture and not consume_rate(request, "avatar"):
        form.add_error("picture", _("Too many requests. Wait a moment and try again."))
        return 429
    try:
        services.change_profile(
            request.user, picture=picture, **{name: form.cleaned_data[name] for name in form._meta.fields}
        )
    except avatars.AvatarRefused as refusal:
        form.add_error("picture", str(refusal))
        return refusal.status
    return None


@require_POST
def delete_picture(request):
    avatars.delete_avatar(request.user)
    messages.success(request, _("Your profile picture was deleted."))
    return redirect("accounts:settings")


@require_safe
def privacy(request):
    """Show the page whose buttons are slots for apps above."""
    return render(request, "accounts/privacy.html")
