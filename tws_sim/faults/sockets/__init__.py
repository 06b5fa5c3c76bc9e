"""Faults of sockets, of the port and of client ids."""
