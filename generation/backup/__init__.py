"""Backup and restore of the database with the files that its rows own (manage.py backup, restore)."""
