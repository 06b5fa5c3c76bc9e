"""Answers of the servers as tables for a terminal; pure functions from messages to renderables."""
