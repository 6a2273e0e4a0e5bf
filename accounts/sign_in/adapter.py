"""Where allauth asks this site: what a new person gets, and whether mail can be sent."""

import base64
import hashlib
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language

from accounts import services
from accounts.access import guest_workspace
from accounts.models import User
from accounts.sign_in import login_throttle


class AccountAdapter(DefaultAccountAdapter):
    @transaction.atomic
    def save_user(self, request, user, form, commit=True):
        """Person, workspace and operator rights appear together or not at all."""
        user.language = get_language() or ""
        theme = request.COOKIES.get("theme", "")
        user.theme = theme if theme in User.Theme.values else User.Theme.AUTO
        user = super().save_user(request, user, form, commit)
        if commit:
            services.welcome(user, guest=guest_workspace(request.session))
        return user

    def authenticate(self, request, **credentials):
        self.door = self._get_login_attempts_cache_key(request, **credentials)
        return super().authenticate(request, **credentials)

    def validation_error(self, code, *args):
        """A refused password says how many tries are left, a closed door when it opens."""
        error = super().validation_error(code, *args)
        door = getattr(self, "door", None)
        if door and code == "email_password_mismatch" and (left := login_throttle.left(self.request, door)) is not None:
            error.message = f"{error.message} {login_throttle.left_words(left)}"
        elif door and code == "too_many_login_attempts":
            self.request.door_opens_in = login_throttle.wait(self.request, door)
            error.message = f"{error.message} {login_throttle.wait_words(self.request.door_opens_in)}"
        return error

    def send_mail(self, template_prefix, email, context):
        """Without a mail server nothing is sent; the pages say so before anybody waits for a mail."""
        if settings.HAS_MAIL:
            super().send_mail(template_prefix, email, context)

    def format_email_subject(self, subject):
        return f"Tapwari: {subject}"

    def get_reset_password_from_key_url(self, key):
        """Built from SITE_URL: a forged Host header must not lead anybody elsewhere with a valid key."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.SITE_URL + path.replace("UID-KEY", quote(key))


class FactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are not readable in a copy of the database."""

    def encrypt(self, text):
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    """The newest key writes; keys that were rotated out of SECRET_KEY still read."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"second factors " + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
