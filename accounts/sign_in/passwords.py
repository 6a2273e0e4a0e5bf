"""Passwords that are long but still among the first a thief would try."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

TRIES = 10**8  # what somebody gets through who may try for months
READ = 72  # characters looked at: enough to judge, and the estimate stays quick


class GuessableValidator:
    """Knows leaked passwords, words, names, dates, keyboard rows and repetitions, all without a network."""

    def validate(self, password, user=None):
        own = [user.email.partition("@")[0], user.name] if user else []
        if zxcvbn(password[:READ], user_inputs=[word for word in own if word])["guesses"] < TRIES:
            raise ValidationError(
                _("This password is easy to guess. Use several unrelated words instead."),
                code="password_guessable",
            )

    def get_help_text(self):
        return _("Passwords that are easy to guess are not accepted.")
