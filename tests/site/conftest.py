"""On a user's machine without a browser or a built site, the tests that need them are not collected.

In CI (``CI=true``) they always are, and what is missing makes them fail.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for the helpers beside the tests

from located import IN_CI, lacks

REASONS = {} if IN_CI else lacks()
collect_ignore = list(REASONS)


def pytest_report_collectionfinish():
    return [f"site: {name} not collected: {reason}" for name, reason in REASONS.items()]
