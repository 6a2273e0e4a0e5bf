"""Sentences of allauth and Django for our own translation catalogue, which `make messages` collects here.

Our catalogue takes precedence over theirs; for example, allauth's Chinese for "Incorrect code." says "error code".
"""

from django.utils.translation import gettext_noop as _

ERRORS = [
    _("This account is currently inactive."),
    _("You cannot remove your primary email address."),
    _("This email address is already associated with this account."),
    _("Please type your current password."),
    _("Incorrect code."),
    _("Incorrect password."),
    _("Invalid or expired key."),
    _("Invalid login."),
    _("The password reset token was invalid."),
    _("You cannot add more than %d email addresses."),
    _("Your primary email address must be verified."),
    _("The new value must be different from the current one."),
    _("Be patient, you are sending too many requests."),
    _("You cannot add an email address to an account protected by two-factor authentication."),
    _("You cannot deactivate two-factor authentication."),
    _("You cannot generate recovery codes without having two-factor authentication enabled."),
    _("You cannot activate two-factor authentication until you have verified your email address."),
    _("You must type the same password each time."),
]
FIELDS = [
    _("Email address"),
    _("Authenticator code"),
]
ADMIN = [_("- Select an option -"), _("Filter by %(field_name)s")]  # Django has no Chinese for these yet
MESSAGES = [
    _("You cannot remove your primary email address (%(email)s)."),
    _("Unable to confirm %(email)s because it is already confirmed by a different account."),
    _("Confirmation email sent to %(email)s."),
    _("You have confirmed %(email)s."),
    _("Removed email address %(email)s."),
    _("You have signed out."),
    _("Password successfully changed."),
    _("Password successfully set."),
    _("Primary email address set."),
    _("A new set of recovery codes has been generated."),
    _("Authenticator app activated."),
    _("Authenticator app deactivated."),
    _("Security key added."),
    _("Security key removed."),
    _("Signed out of all other sessions."),
]
SUBJECTS = [
    _("Account Already Exists"),
    _("Email Changed"),
    _("Email Confirmation"),
    _("Please Confirm Your Email Address"),
    _("Email Removed"),
    _("Password Changed"),
    _("Password Reset Email"),
    _("Password Reset"),
    _("Password Set"),
    _("Unknown Account"),
    _("New Recovery Codes Generated"),
    _("Authenticator App Activated"),
    _("Authenticator App Deactivated"),
    _("Security Key Added"),
    _("Security Key Removed"),
]
