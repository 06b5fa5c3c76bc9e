"""The `spreadmesh` command."""


def main() -> None:
    """Entry point: status 0, or 1 for an error in one line, 2 for bad usage, 130 for Ctrl-C."""
    import os

    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its log lines repeat, between ours, what an error tells
    from spreadmesh_client.cli.app import app

    app(prog_name="spreadmesh")
