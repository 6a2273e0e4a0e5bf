"""Notifications of a user: in the studio and by mail."""
