"""``python bin/house``: from the command line to an open house, and back to nothing running."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Started as a folder, Python looks for modules in it; the package is one up.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from house.run import main  # noqa: E402

sys.exit(main(sys.argv[1:], os.environ))
