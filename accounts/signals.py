"""Write signals of allauth and Django to the audit log, and transfer guest work on sign-in."""

import time

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.dispatch import receiver

from accounts import audit, services
from accounts.access import GUEST_KEY, GUEST_PAGE, get_guest_workspace
from accounts.models import User
from accounts.sign_in.session_lifetime import SIGNED_IN_AT


@receiver(auth.user_logged_in)
def record_sign_in(request, user, **kwargs):
    audit.record(by=user, verb="sign_in")
    if request is not None and hasattr(request, "session"):
        if guest := get_guest_workspace(request.session):
            request.session[GUEST_PAGE] = services.find_guest_page(request.session, guest)
            services.transfer_guest_work(user, guest)
        request.session.pop(GUEST_KEY, None)
        request.session[SIGNED_IN_AT] = int(time.time())


@receiver(auth.user_logged_out)
def record_sign_out(user, **kwargs):
    if user is not None:
        audit.record(by=user, verb="sign_out")


@receiver(auth.user_login_failed)
def record_failed_sign_in(credentials, **kwargs):
    """Record the user, but not what was typed as the email address: some users type their password into that field."""
    user = User.objects.filter(email=str(credentials.get("email", "")).lower()).first()
    audit.record(by=None, verb="sign_in.failed", target=user or "")


@receiver(mfa.authenticator_removed)
def record_factor_removed(request, user, authenticator, **kwargs):
    """End all other sessions, which the factor may have opened."""
    audit.record(by=user, verb="factor.removed", kind=authenticator.type)
    services.end_sessions(user, keep=request.session.session_key or "")


@receiver(mfa.authenticator_added)
def record_factor_added(user, authenticator, **kwargs):
    audit.record(by=user, verb="factor.added", kind=authenticator.type)


@receiver(mfa.authentication_failed)
def record_factor_failed(user, **kwargs):
    audit.record(by=user, verb="factor.failed")


def _create_handler(verb: str):
    def handler(user=None, email_address=None, **kwargs):
        audit.record(by=user or email_address.user, verb=verb)

    return handler


for signal, verb in (
    (account.password_changed, "password.changed"),
    (account.password_set, "password.changed"),
    (account.password_reset, "password.reset"),
    (account.email_changed, "email.changed"),
    (account.email_added, "email.added"),
    (account.email_removed, "email.removed"),
    (account.email_confirmed, "email.confirmed"),
):
    signal.connect(_create_handler(verb), weak=False)
