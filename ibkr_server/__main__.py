"""`python -m ibkr_server`: settings come from the environment."""

from ibkr_server.app import main

if __name__ == "__main__":
    main()
