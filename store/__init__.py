"""Tables, migrations, queries and encryption at rest, behind `core.ports.Store`.

Rows stay in this folder: values of `core` go in and come out. Knows nothing of `tui`.
"""
