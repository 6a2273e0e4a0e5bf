"""Validation of passwords that are long but easy to guess."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

MIN_GUESSES = 10**8  # what an attacker can try in months
MAX_LENGTH = 72  # characters that are estimated, so that the estimate stays quick


class GuessableValidator:
    """Rejects leaked passwords, words, names, dates, keyboard rows and repetitions, without a network."""

    def validate(self, password, user=None):
        user_inputs = [user.email.partition("@")[0], user.name] if user else []
        if zxcvbn(password[:MAX_LENGTH], user_inputs=list(filter(None, user_inputs)))["guesses"] < MIN_GUESSES:
            raise ValidationError(
                _("This password is easy to guess. Use several unrelated words instead."),
                code="password_guessable",
            )

    def get_help_text(self):
        return _("Passwords that are easy to guess are not accepted.")
