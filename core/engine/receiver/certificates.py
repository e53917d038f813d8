"""Certificates for the receiver's listeners, good and bad, made anew at each start.

They are for loopback only, and their keys never leave the folder they are written to.
"""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HERE = ("localhost", "127.0.0.1", "::1")
ELSEWHERE = ("elsewhere.example",)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Authority:
    """Our own certificate authority; who trusts `file` trusts what it issues."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    file: Path


def make_authority(folder: Path, now: datetime) -> Authority:
    """Make an authority, and write its certificate into the folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Hookline loopback authority")
    usage = x509.KeyUsage(
        *(False, False, False, False, False), True, True, False, False
    )
    certificate = (
        _unsigned(name, name, key, now - _DAY, now + 30 * _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "authority.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(certificate, key, file)


def good(folder: Path, authority: Authority, now: datetime) -> ssl.SSLContext:
    """A certificate for this machine, that the authority issued."""
    return _issued(folder / "good.pem", authority, HERE, now - _DAY, now + 30 * _DAY)


def expired(folder: Path, authority: Authority, now: datetime) -> ssl.SSLContext:
    """One that ended ten days ago."""
    begin, end = now - 100 * _DAY, now - 10 * _DAY
    return _issued(folder / "expired.pem", authority, HERE, begin, end)


def wrong_host(folder: Path, authority: Authority, now: datetime) -> ssl.SSLContext:
    """One for another host."""
    begin, end = now - _DAY, now + 30 * _DAY
    return _issued(folder / "wrong-host.pem", authority, ELSEWHERE, begin, end)


def self_signed(folder: Path, now: datetime) -> ssl.SSLContext:
    """One that nobody vouches for."""
    return _issued(folder / "self-signed.pem", None, HERE, now - _DAY, now + 30 * _DAY)


def _issued(
    file: Path,
    authority: Authority | None,
    hosts: tuple[str, ...],
    begin: datetime,
    end: datetime,
) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(hosts[0])
    issuer = authority.certificate.subject if authority else name
    signer = authority.key if authority else key
    names = x509.SubjectAlternativeName([_alternative(host) for host in hosts])
    certificate = (
        _unsigned(name, issuer, key, begin, end)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
        .sign(signer, hashes.SHA256())
    )
    return _context(file, certificate, key)


def _context(
    file: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> ssl.SSLContext:
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(pem, plain, serialization.NoEncryption())
    file.touch(mode=0o600)
    file.write_bytes(secret + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def _unsigned(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    begin: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
