from common.operator_command import OperatorCommand
from common.search import index


class Command(OperatorCommand):
    help = (
        "Write all search documents again. Search works meanwhile; needed after names of styles or providers changed."
    )

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="only list documents that are out of date")

    def handle(self, *args, check, **options):
        if check:
            found = list(index.find_differences())
            for sentence in found:
                self.stderr.write(sentence)
            self.stdout.write(f"{len(found)} documents are out of date.")
        else:
            self.stdout.write(f"{index.rebuild()} documents are up to date.")
