"""Certificates, made in the test."""

from __future__ import annotations

import datetime
import ssl
import warnings
from pathlib import Path

import trustme

#: What the certificate of a real API server names; the address stands for that of the service.
NAMES = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "127.0.0.1")


class Authority:
    """A certificate authority, and servers' certificates of it."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="kstack tests", organization_unit_name="an API server")

    @property
    def certificate(self) -> bytes:
        """The certificate of the authority, in PEM: what a pod has as ca.crt."""
        return self._authority.cert_pem.bytes()

    def write(self, path: Path) -> Path:
        """Write the certificate of the authority to a file, and give its path."""
        path.write_bytes(self.certificate)
        return path

    def context(self, *names: str, has_expired: bool = False) -> ssl.SSLContext:
        """Give what a server needs; without names it has those of a real API server."""
        expiry = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1) if has_expired else None
        made = self._authority.issue_cert(*(names or NAMES), not_after=expiry)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.configure_cert(context)
        # A real one offers HTTP/2 as well.
        context.set_alpn_protocols(["http/1.1"])
        return context

    def old_context(self) -> ssl.SSLContext:
        """Give what a server needs that speaks TLS 1.1 and nothing newer."""
        context = self.context()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        return context
