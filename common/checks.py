"""System checks of this machine, run before the first page is served."""

import os
import shutil

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register


@register(Tags.files)
def check_folders_are_writable(app_configs, **kwargs):
    for folder in (settings.VAR_DIR, settings.WORK_DIR, settings.FILE_UPLOAD_TEMP_DIR):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return [Error(f"{folder} cannot be made: {error.strerror}.", id="tapwari.E001")]
        if not os.access(folder, os.W_OK):
            return [Error(f"{folder} is not writable by this user.", id="tapwari.E001")]
    return []


@register(Tags.files)
def check_free_space(app_configs, **kwargs):
    free = shutil.disk_usage(settings.VAR_DIR).free
    if free < 200_000_000:
        message = f"Only {free // 1_000_000} MB are free in {settings.VAR_DIR}: clips need room."
        return [Warning(message, id="tapwari.W002")]
    return []
