"""Register what the gallery adds to the apps that it is built on."""

from common.hooks import AppHooks

HOOKS = AppHooks(app="gallery")
