"""Where tests find what they read: the checkout, the saved pages of sites, and what is handed out beside it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""
SITES = ROOT / "tests" / "sites"
"""Saved pages: SITE/CASE/page.json and what must be read of it."""
REALDATA = Path(os.environ.get("BTL_REALDATA", ROOT / "../shared/realdata"))
"""Recorded pages of real sites, with independent counts; nothing of them is copied here."""
