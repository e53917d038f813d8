"""A receiver of webhooks on loopback, that behaves as a URL's path asks it to.

For tests, the demo and developers: it can answer well, badly, late or not at all, with
certificates of every kind, and it checks signatures. It never leaves this machine.
"""

from core.engine.receiver.ledger import Check, Ledger, Received, SigningKey
from core.engine.receiver.server import Listener, PortTaken, Receiver, open_receiver

__all__ = [
    "Check",
    "Ledger",
    "Listener",
    "PortTaken",
    "Received",
    "Receiver",
    "SigningKey",
    "open_receiver",
]
