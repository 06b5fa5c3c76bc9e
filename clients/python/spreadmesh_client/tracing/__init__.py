"""Traces of a mesh, out of its span files."""
