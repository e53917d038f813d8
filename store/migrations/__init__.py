"""The steps from one schema to the next, for Alembic. `store.schema` runs them."""
