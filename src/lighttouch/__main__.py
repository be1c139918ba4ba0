"""Run the command line with ``python -m lighttouch``."""

from lighttouch.cli.main import main

if __name__ == "__main__":
    main()
