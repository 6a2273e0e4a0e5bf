"""Find the account that a command is about."""

from django.core.management.base import CommandError

from accounts.models import User


def find_account(email: str) -> User:
    """Return the user with that email address, in upper or lower case. Raises CommandError."""
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        raise CommandError(f"No account has the email address {email}.")
    return user
