"""Workspaces of several people: members, invitations, transfers, activity."""
