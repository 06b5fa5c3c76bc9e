"""Simulator and servers as child processes of one supervisor."""
