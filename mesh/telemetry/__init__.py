"""Traces and metrics, off the hot path."""

from mesh.telemetry.start import Telemetry, start_telemetry

__all__ = ["Telemetry", "start_telemetry"]
