"""``python -m lighttouch``: the command line."""

from lighttouch.cli.main import main

if __name__ == "__main__":
    main()
