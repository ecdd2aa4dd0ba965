"""`python -m bankside`: the command line without an installed script."""

import sys

from bankside.commands import main

if __name__ == "__main__":
    sys.exit(main())
