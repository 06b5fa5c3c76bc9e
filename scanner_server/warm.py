"""Compile every loop ahead of the first scan: `python -m scanner_server.warm`."""


def warm() -> None:
    """Run one small scan through every compiled path; fast where the cache on disk is current."""


if __name__ == "__main__":
    warm()
