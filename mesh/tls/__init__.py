"""Mutual TLS: certificates from files, followed when they are renewed, and who is at the other end."""
