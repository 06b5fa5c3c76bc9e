"""Specs under a name: those built in and those saved."""
