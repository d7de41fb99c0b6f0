"""Entry point of `python -m config.embedded`."""

import sys

from config.embedded.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
