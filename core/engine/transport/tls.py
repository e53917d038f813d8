"""The two TLS policies, as contexts, and what a handshake showed.

Trust is the machine's: the system store, TLS 1.2 or newer. The second context checks
nothing, for webhooks that say so; the two never meet on one connection.
"""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from core.outcome import TlsFacts


class Trust:
    """Makes each context when it is first needed, and only once.

    Reading the system's certificates takes 10 to 30 ms , so a
    context per request would cost more than all the rest of a delivery.
    """

    def __init__(
        self, make: Callable[[], ssl.SSLContext] = ssl.create_default_context
    ) -> None:
        self._make = make
        self._contexts: dict[bool, ssl.SSLContext] = {}

    def context(self, *, verify: bool) -> ssl.SSLContext:
        """The context that checks certificates, or the one that does not."""
        if verify not in self._contexts:
            self._contexts[verify] = self._made(verify)
        return self._contexts[verify]

    def _made(self, verify: bool) -> ssl.SSLContext:
        context = self._make() if verify else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if not verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        return context


def reason_of(error: ssl.SSLError) -> str:
    """What OpenSSL objects to, in plain words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(getattr(error, "verify_message", error)).rstrip(".")
    reason = getattr(error, "reason", None) or "unexpected end"
    return str(reason).replace("_", " ").lower()


def facts_of(channel: ssl.SSLObject | None) -> TlsFacts | None:
    """What the handshake showed; of the certificate only what was checked."""
    if channel is None:
        return None
    cipher = channel.cipher()
    certificate = channel.getpeercert() or {}  # {} when nothing was checked
    return TlsFacts(
        version=channel.version() or "",
        cipher=cipher[0] if cipher else "",
        subject=_name(certificate.get("subject")) or _alternative(certificate),
        issuer=_name(certificate.get("issuer")),
        expires_at=_expiry(certificate),
    )


def _name(parts: Any) -> str | None:
    """The common name, or else the organisation, of a distinguished name."""
    fields = {key: value for part in parts or () for key, value in part}
    return fields.get("commonName") or fields.get("organizationName")


def _alternative(certificate: dict[str, Any]) -> str | None:
    names = certificate.get("subjectAltName", ())
    return next((value for _, value in names), None)


def _expiry(certificate: dict[str, Any]) -> datetime | None:
    text = certificate.get("notAfter")
    if text is None:
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
