"""The demo: believable workspaces, webhooks, receivers and events, and what runs them.

All of it is drawn from a seed, so that a demo, a picture and a test show the same.
"""
