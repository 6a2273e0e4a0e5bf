"""Write the skeleton of an adapter with its fake and its entry in the contract suite, and register it."""

import keyword
import re
from pathlib import Path
from string import Template

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from generation.providers import registry

SKELETON = Path(__file__).parents[1] / "skeletons/provider"
ADAPTERS, FAKES = "generation/providers/adapters", "tests/fakes"
REGISTRY, CONTRACT = "generation/providers/registry.py", "tests/generation/providers/contract.py"
NEXT_STEPS = """
Its contract tests pass against its fake. Now, with the provider's documentation beside you:
  1. Fill in what says FILL IN:  grep -rn "FILL IN" {adapter} {fake}
  2. Declare the same traits, statuses and refusals in {constant} of {contract}.
  3. .venv/bin/python -m pytest tests/generation/providers -k {slug}
  4. Translate its label and byline:  make messages
  5. Check the fake with the official SDK (CONTRIBUTING.md, "Add a provider"), then ./test oracles.
"""


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("name", help="the provider's name in addresses, such as dream-machine")
        parser.add_argument("--label", default="", help='its name on pages, such as "Dream Machine"')

    def handle(self, *, name, label, **options):
        values = build_values(name, label)
        check_new(values)
        for path, text in build_files(values).items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"wrote    {path.relative_to(settings.BASE_DIR)}")
        register(values)
        self.stdout.write(f"changed  {REGISTRY}\nchanged  {CONTRACT}")
        adapter, fake = f"{ADAPTERS}/{values['package']}", f"{FAKES}/{values['package']}.py"
        self.stdout.write(NEXT_STEPS.format(adapter=adapter, fake=fake, contract=CONTRACT, **values))


def build_values(slug: str, label: str) -> dict[str, str]:
    """Return what the skeleton is filled in with. Raises CommandError for a name that no module can have."""
    package = slug.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", slug) or keyword.iskeyword(package):
        raise CommandError(f"{slug!r} is no name of a provider: use small letters, digits and hyphens, as in luma-2.")
    if label and not re.fullmatch(r"[\w .&+-]+", label):
        raise CommandError("The label may have letters, digits, spaces and . & + - only.")
    parts = slug.split("-")
    name = "".join(part.capitalize() for part in parts)
    label = label or " ".join(part.capitalize() for part in parts)
    return {"slug": slug, "package": package, "constant": package.upper(), "name": name, "label": label}


def check_new(values: dict[str, str]) -> None:
    """Raise CommandError if the name is taken, or if the tests, which the fake belongs to, are not installed."""
    root, package = settings.BASE_DIR, values["package"]
    if not (root / CONTRACT).exists():
        raise CommandError("The fake belongs to the folder tests/, which this installation does not include.")
    taken = [path for path in (root / ADAPTERS / package, root / FAKES / f"{package}.py") if path.exists()]
    if taken or values["slug"] in registry.connectable_providers() | registry.effect_providers():
        raise CommandError(f"There is already something named {values['slug']}; choose another name.")


def build_files(values: dict[str, str]) -> dict[Path, str]:
    """Return path → text of the adapter and of the fake."""
    folder = settings.BASE_DIR / ADAPTERS / values["package"]
    names = ("provider.py", "requests.py", "responses.py", "models.toml")
    files = {folder / name: _fill_in(name, values) for name in names}
    fake = settings.BASE_DIR / FAKES / f"{values['package']}.py"
    return {folder / "__init__.py": "", **files, fake: _fill_in("fake.py", values)}


def _fill_in(name: str, values: dict[str, str]) -> str:
    return Template((SKELETON / f"{name}.txt").read_text(encoding="utf-8")).substitute(values)


def register(values: dict[str, str]) -> None:
    """Add the provider to the registry and its entry to the contract suite, each as the last one."""
    path = "generation.providers.adapters.{package}.provider.{name}Provider".format(**values)
    _insert(REGISTRY, "BUILT_IN = (", ")\n", f'    "{path}",\n')
    _insert(CONTRACT, "CONTRACT: tuple[Entry, ...] = (", ")\n", f"    {values['constant']},\n")
    _insert(CONTRACT, "", "CONTRACT: tuple[Entry, ...] = (", _fill_in("contract_entry.py", values))


def _insert(file: str, start: str, end: str, text: str) -> None:
    """Insert the text before the first ``end`` at the beginning of a line after ``start``."""
    path = settings.BASE_DIR / file
    content = path.read_text(encoding="utf-8")
    at = content.index(f"\n{end}", content.index(start)) + 1
    path.write_text(content[:at] + text + content[at:], encoding="utf-8")
