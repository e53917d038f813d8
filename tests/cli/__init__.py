"""The commands: exit code, standard output and standard error."""
