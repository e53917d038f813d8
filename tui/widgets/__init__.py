"""The console's own widgets, one class per file with its style and help beside it.

A widget posts what a person intends and never carries it out.
"""
