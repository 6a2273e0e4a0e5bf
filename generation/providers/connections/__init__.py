"""Accounts at providers: added, changed, tested, put in order and taken away; their keys sealed, and never shown."""
