"""The console: shows values and posts messages.

Owns no rule and reaches no database: what it needs comes in through `core.ports`.
Knows nothing of `store`.
"""
