"""All fakes, found by their modules; each has one class with a slug."""

import importlib
import pkgutil

from tests import fakes
from tests.fakes.server import Fake

NOBODY = {"server", "everyone", "echo", "echoes", "steady", "language"}  # shared, or no real company


def every_fake() -> dict[str, type[Fake]]:
    """Return slug → class, sorted by module name."""
    names = sorted(module.name for module in pkgutil.iter_modules(fakes.__path__) if module.name not in NOBODY)
    modules = [importlib.import_module(f"{fakes.__name__}.{name}") for name in names]
    classes = [value for module in modules for value in vars(module).values() if _is_fake(value, module)]
    return {fake.slug: fake for fake in classes}


def _is_fake(thing, module) -> bool:
    is_class = isinstance(thing, type) and issubclass(thing, Fake)
    return is_class and thing.__module__ == module.__name__ and bool(thing.slug)
