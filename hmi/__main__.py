"""``python -m hmi [DIR]``: one window process."""

import sys

from hmi.app import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
