"""The effects: dial, send, claim, dispatch.

The only part of core that awaits, and the only one that touches the network.
"""
