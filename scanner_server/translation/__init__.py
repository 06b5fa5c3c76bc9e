"""Between the contracts of `spreadmesh.*.v1` and the scanner's own values."""
