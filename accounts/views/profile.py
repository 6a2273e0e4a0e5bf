"""Settings of name and profile picture."""

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
        fields = {name: form.cleaned_data[name] for name in form._meta.fields}
        try:
            services.change_profile(request.user, picture=form.cleaned_data["picture"], **fields)
        except avatars.AvatarRefused as error:
            form.add_error("picture", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:settings")
    context = {"form": form, "can_upload": avatars.can_upload()}
    return render(request, "accounts/settings.html", context, status=422 if form.errors else 200)


@require_POST
def delete_picture(request):
    avatars.delete_avatar(request.user)
    messages.success(request, _("Your profile picture was deleted."))
    return redirect("accounts:settings")
