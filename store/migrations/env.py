"""What Alembic runs: the migrations, on the connection `store.schema` gives it.

The transaction is the caller's, so that a schema is reached whole or not at all.
"""

from alembic import context

from store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
