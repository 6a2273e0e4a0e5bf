"""Add, change, test, order and delete connections to providers. Keys are encrypted and never displayed."""
