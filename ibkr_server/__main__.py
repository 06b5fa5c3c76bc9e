"""`python -m ibkr_server`: settings come from the environment."""

from mesh.sigterm import heed_sigterm

if __name__ == "__main__":
    heed_sigterm()
    from ibkr_server.app import main

    main()
