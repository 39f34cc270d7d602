"""Certificates made for a test."""

from __future__ import annotations

import datetime
import ssl
import tempfile
import warnings
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

#: The names in the certificate of a real API server; the address stands for that of the service.
NAMES = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "127.0.0.1")


class Authority:
    """A certificate authority, and server certificates that it signed."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="kstack tests", organization_unit_name="an API server")

    @property
    def certificate(self) -> bytes:
        """The certificate of the authority in PEM, as in a pod's ca.crt."""
        return self._authority.cert_pem.bytes()

    def write(self, path: Path) -> Path:
        """Write the certificate of the authority to a file, and return its path."""
        path.write_bytes(self.certificate)
        return path

    def context(
        self, *names: str, has_expired: bool = False, is_early: bool = False, is_weak: bool = False
    ) -> ssl.SSLContext:
        """Return a server's TLS context; without names it has those of a real API server."""
        now = datetime.datetime.now(datetime.timezone.utc)
        hour = datetime.timedelta(hours=1)
        made = self._authority.issue_cert(
            *(names or NAMES),
            not_before=now + hour if is_early else None,
            not_after=now - hour if has_expired else now + 2 * hour,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if is_weak:
            # No current server would have this by default.
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            self._load_weak(context, made)
        else:
            made.configure_cert(context)
        # A real server also offers HTTP/2.
        context.set_alpn_protocols(["http/1.1"])
        return context

    def _load_weak(self, context: ssl.SSLContext, made: trustme.LeafCert) -> None:
        """Load a certificate with the names of another one, and a key of 1024 bits."""
        model = x509.load_pem_x509_certificate(made.cert_chain_pems[0].bytes())
        issuer_key = serialization.load_pem_private_key(self._authority.private_key_pem.bytes(), None)
        assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
        key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
        builder = x509.CertificateBuilder(model.issuer, model.subject, key.public_key(), model.serial_number)
        builder = builder.not_valid_before(model.not_valid_before_utc).not_valid_after(model.not_valid_after_utc)
        name = model.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        builder = builder.add_extension(name.value, critical=False)
        certificate = builder.sign(issuer_key, hashes.SHA256())
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        with tempfile.NamedTemporaryFile() as file:
            file.write(private + certificate.public_bytes(serialization.Encoding.PEM))
            file.flush()
            context.load_cert_chain(file.name)

    def old_context(self) -> ssl.SSLContext:
        """Return the context of a server with TLS 1.1 at most."""
        context = self.context()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        return context
