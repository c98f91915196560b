"""`python -m core`: everything the app does, from the command line."""

import sys

from core.base.processes import collect_seldom
from core.cli.main import main

if __name__ == "__main__":
    collect_seldom()
    sys.exit(main(sys.argv[1:]))
