"""`python -m core`: everything the app does, from the command line."""

import sys

from core.base.processes import start_quickly
from core.cli.main import main

if __name__ == "__main__":
    start_quickly()
    sys.exit(main(sys.argv[1:]))
