"""The installed wheel, real processes and real sockets."""
