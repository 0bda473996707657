"""Set up Watchroom and start it: ``python installers/bootstrap.py run | test | setup``.

Needs nothing but Python. This file keeps to words that every Python reads, so that an old one can be
told plainly what is wanted; the work is in ``installers/verbs.py``.
"""

import os
import sys

NEEDED = (3, 11)


def too_old(version):
    """The sentence for a Python that is too old, or "" when ``version`` (major, minor) will do."""
    if tuple(version[:2]) >= NEEDED:
        return ""
    has = ".".join(str(part) for part in version[:3])
    return (
        "Watchroom needs Python 3.11 or newer; this is Python "
        + has
        + ". Install a newer one and start this file with it, for example:"
        + " python3.11 installers/bootstrap.py run"
    )


if __name__ == "__main__":
    if too_old(sys.version_info):
        sys.exit(too_old(sys.version_info))
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from installers.verbs import main

    sys.exit(main(sys.argv[1:]))
