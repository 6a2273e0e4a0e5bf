#!/usr/bin/env python
"""Django's command line."""

import os
import sys

if __name__ == "__main__":
    from config import env_file

    env_file.load()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from common import command_line

    command_line.run(sys.argv)
