"""What a webhook is, and what is sent, when and by whom: values and decisions.

No I/O, no clock, no randomness: time, jitter and ids are arguments. Only
`core.engine` has effects. Imports no other folder of ours.
"""
