"""Close the site for maintenance, or open it again, on all its machines.

While it is closed, pages answer 503 to everybody but administrators, who can also sign in. Workers finish the steps
that they have begun and start none; what providers have accepted goes on there. Health checks answer as usual.
"""

from accounts import maintenance
from common.operator_command import OperatorCommand


class Command(OperatorCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("state", choices=["on", "off", "show"])

    def handle(self, *, state, **options):
        if state == "on":
            maintenance.begin()
        elif state == "off":
            maintenance.end()
        since = maintenance.get_start()
        self.stdout.write(f"Maintenance is on since {since:%Y-%m-%d %H:%M} UTC." if since else "Maintenance is off.")
        if state != "show":
            self.stdout.write(f"All processes follow within {maintenance.CACHE_SECONDS:.0f} seconds.")
