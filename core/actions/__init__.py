"""What a person may do, for the console and the commands alike.

Every action names the capability it needs and who asks, does it, and leaves an audit
entry; nothing else changes a webhook.
"""
