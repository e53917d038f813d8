"""One contract for every store, run over memory and SQLite, and the migrations."""
