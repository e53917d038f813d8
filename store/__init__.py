"""Tables, migrations, queries and encryption at rest, behind `core.ports.Store`.

Rows stay in this folder: values of `core` go in and come out. Knows nothing of `tui`.
Loading it takes half a second, so it is loaded where a store is opened, and not before.
"""

from store.opening import create_store, open_store
from store.running import in_threads, inline

__all__ = ["create_store", "in_threads", "inline", "open_store"]
