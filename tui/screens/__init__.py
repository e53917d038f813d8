"""The console's screens, each in a folder with its messages and its style.

A screen turns an intent into a worker, and a worker's result into what is shown.
"""
