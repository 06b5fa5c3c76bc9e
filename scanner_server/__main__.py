"""`python -m scanner_server`: settings come from the environment."""

from mesh.sigterm import heed_sigterm

if __name__ == "__main__":
    heed_sigterm()
    from scanner_server.app import main

    main()
