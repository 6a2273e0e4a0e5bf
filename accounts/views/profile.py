"""Name and picture."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import avatars, services
from accounts.forms import ProfileForm


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request):
    form = ProfileForm(request.POST or None, request.FILES or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_profile(request.user, picture=form.cleaned_data["picture"], **_named(form))
        except avatars.AvatarRefused as why:
            form.add_error("picture", str(why))
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:settings")
    context = {"form": form, "can_upload": avatars.can_upload()}
    return render(request, "accounts/settings.html", context, status=422 if form.errors else 200)


def _named(form) -> dict:
    return {field: form.cleaned_data[field] for field in form._meta.fields}


@require_POST
def drop_picture(request):
    avatars.drop(request.user)
    messages.success(request, _("Your profile picture was deleted."))
    return redirect("accounts:settings")
