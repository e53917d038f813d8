"""The rules of `core`, tested as values, against published vectors."""
