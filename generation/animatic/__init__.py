"""Animatic renderer: draws clips from a prompt or an image on this machine, without a provider, GPU or network."""
