"""`python -m scanner_server`: settings come from the environment."""

from scanner_server.app import main

if __name__ == "__main__":
    main()
