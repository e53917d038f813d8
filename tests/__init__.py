"""The tests: fast, hermetic, and named as sentences.

No network but loopback, no sleeping for luck, no patching: fakes are arguments.
"""
