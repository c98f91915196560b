"""`python -m core`: everything the app does, from the command line."""

import sys

from core.doors.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
