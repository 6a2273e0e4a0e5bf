"""Connections to providers: add, change, test, order and delete. Keys are encrypted and never displayed."""
