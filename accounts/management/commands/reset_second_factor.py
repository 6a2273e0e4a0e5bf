"""Remove the two-factor authentication of a user who lost phone and recovery codes, and sign the user out everywhere.

Make sure first that whoever asks for it is that person: afterwards the password alone opens the account.
"""

from accounts import services
from accounts.management.accounts import find_account
from common.operator_command import OperatorCommand


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("email", help="email address of the account")

    def handle(self, *, email, **options):
        user = find_account(email)
        services.reset_factors(user, by=None)
        self.stdout.write(f"{user.email}: two-factor authentication was removed, and all sessions ended.")
