"""Find the fakes of all providers."""

import importlib
import pkgutil

from tests import fakes
from tests.fakes.server import Fake

EXCLUDED = {  # not a real video provider
    "server", "all_fakes", "echo", "echo_variants", "endless_tasks", "language", "stripe", "stripe_objects",
    "wechat", "alipay", "rsa_keys",
}  # fmt: skip


def find_fakes() -> dict[str, type[Fake]]:
    """Return slug → class, sorted by module name."""
    names = sorted(module.name for module in pkgutil.iter_modules(fakes.__path__) if module.name not in EXCLUDED)
    modules = [importlib.import_module(f"{fakes.__name__}.{name}") for name in names]
    classes = [value for module in modules for value in vars(module).values() if _is_fake(value, module)]
    return {fake.slug: fake for fake in classes}


def _is_fake(value, module) -> bool:
    is_class = isinstance(value, type) and issubclass(value, Fake)
    return is_class and value.__module__ == module.__name__ and bool(value.slug)
