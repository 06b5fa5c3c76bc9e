"""Traces and metrics, off the hot path; a process starts them with `mesh.telemetry.start.start_telemetry`."""
