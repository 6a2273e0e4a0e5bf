"""allauth adapters: sign-up, messages of the sign-in lock, email, encryption of second factors."""

import base64
import hashlib
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.access import GUEST_PAGE, get_guest_workspace
from accounts.models import User
from accounts.sign_in import login_throttle


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_taken": _("No account was created. If this email already has one, sign in with its password."),
        "email_password_mismatch": _("The email or the password is wrong."),
        "too_many_login_attempts": _("Sign-in is paused after too many failed attempts."),
    }

    @transaction.atomic
    def save_user(self, request, user, form, commit=True):
        """Create user, workspace and operator rights in one transaction."""
        user.language = get_language() or ""
        theme = request.COOKIES.get("theme", "")
        user.theme = theme if theme in User.Theme.values else User.Theme.AUTO
        user = super().save_user(request, user, form, commit)
        if commit:
            if guest := get_guest_workspace(request.session):
                request.session[GUEST_PAGE] = services.find_guest_page(request.session, guest)
            services.set_up_account(user, guest=guest)
        return user

    def get_login_redirect_url(self, request):
        """Return the page of what the user made as a guest, with a message that it was kept; otherwise Create."""
        if page := request.session.pop(GUEST_PAGE, None):
            path, sentence = page
            messages.success(request, sentence)
            return path
        return super().get_login_redirect_url(request)

    def get_signup_redirect_url(self, request):
        return self.get_login_redirect_url(request)

    def _get_login_attempts_cache_key(self, request, **credentials):
        """Count failed sign-ins by email address and network, so that a stranger cannot lock the owner out."""
        key = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{key}:{login_throttle.network_of(self.get_client_ip(request))}"

    def authenticate(self, request, **credentials):
        self.login_key = self._get_login_attempts_cache_key(request, **credentials)
        return super().authenticate(request, **credentials)

    def validation_error(self, code, *args):
        """Add how many attempts are left, or how long sign-in stays locked."""
        error = super().validation_error(code, *args)
        key = getattr(self, "login_key", None)
        if key and code == "email_password_mismatch":
            left = login_throttle.attempts_left(self.request, key)
            if left:
                error.message = f"{error.message} {login_throttle.attempts_message(left)}"
            elif left is not None:
                seconds = login_throttle.locked_seconds(self.request, key)
                error.message = f"{error.message} {login_throttle.lock_message(seconds)}"
        elif key and code == "too_many_login_attempts":
            seconds = self.request.sign_in_locked_seconds = login_throttle.locked_seconds(self.request, key)
            error.message = f"{error.message} {login_throttle.lock_message(seconds)}"
        return error

    def send_mail(self, template_prefix, email, context):
        """Send nothing without a mail server; the pages say so."""
        if settings.HAS_MAIL:
            super().send_mail(template_prefix, email, context)

    def format_email_subject(self, subject):
        return f"Tapwari: {subject.capitalize()}"

    def get_reset_password_from_key_url(self, key):
        """Build the URL from SITE_URL, since a forged Host header could leak a valid key to another site."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE_URL + path.replace("UID-KEY", quote(key))


class FactorAdapter(DefaultMFAAdapter):
    """Encrypts the secrets of second factors in the database."""

    def encrypt(self, text):
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    """Return a cipher that encrypts with SECRET_KEY and decrypts with rotated keys as well."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"second factors " + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
