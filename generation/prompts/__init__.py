"""Prompt tools: templates, snippets, the history of asked prompts, and improving a prompt."""
