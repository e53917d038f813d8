"""The commands: words in, an action of `core` done, data on stdout, words on stderr."""
