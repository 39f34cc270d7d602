"""Files for post-quantum recipients, with HPKE and ML-KEM of the package cryptography, and nothing of ours.

No program that Debian or PyPI has reads or writes such files, so this does the few lines of the format around them
(C2SP age.md): one chunk, and as many recipients as are wanted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Sequence

from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
_INFO = b"age-encryption.org/mlkem768x25519"
_CIPHERTEXT_SIZE = 1120
_LAST_CHUNK = bytes(11) + b"\1"


def _bech32(text: str, size: int) -> bytes:
    """Return the bytes of a key, without checking the checksum."""
    charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = "".join(f"{charset.index(letter):05b}" for letter in text.lower().rsplit("1", 1)[1][:-6])
    data = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8))
    assert len(data) == size
    return data


def _derive(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 for 32 bytes."""
    extracted = hmac.digest(salt or bytes(32), secret, "sha256")
    return hmac.digest(extracted, info + b"\1", "sha256")


def _unpadded(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _decoded(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)


def encrypt(data: bytes, recipients: Sequence[str]) -> bytes:
    """Encrypt at most one chunk."""
    file_key = os.urandom(16)
    header = b"age-encryption.org/v1\n"
    for recipient in recipients:
        key = _bech32(recipient, 1216)
        public = hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(key[:1184]), X25519PublicKey.from_public_bytes(key[1184:])
        )
        sealed = _SUITE.encrypt(file_key, public, _INFO)
        share, body = sealed[:_CIPHERTEXT_SIZE], sealed[_CIPHERTEXT_SIZE:]
        header += b"-> mlkem768x25519 " + _unpadded(share) + b"\n" + _unpadded(body) + b"\n"
    header += b"---"
    code = hmac.digest(_derive(file_key, b"", b"header"), header, "sha256")
    nonce = os.urandom(16)
    payload = ChaCha20Poly1305(_derive(file_key, nonce, b"payload")).encrypt(_LAST_CHUNK, data, None)
    return header + b" " + _unpadded(code) + b"\n" + nonce + payload


def decrypt(file: bytes, identity: str) -> bytes:
    """Decrypt a file of one chunk."""
    expanded = hashlib.shake_256(_bech32(identity, 32)).digest(96)
    private = hpke.MLKEM768X25519PrivateKey(
        MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])
    )
    end = file.index(b"\n---") + 4
    for share, body in re.findall(rb"\n-> mlkem768x25519 (\S+)\n(\S{43})(?=\n)", file[:end]):
        try:
            file_key = _SUITE.decrypt(_decoded(share) + _decoded(body), private, _INFO)
        except Exception:
            continue
        code = hmac.digest(_derive(file_key, b"", b"header"), file[:end], "sha256")
        line = file.index(b"\n", end)
        assert file[end:line] == b" " + _unpadded(code)
        nonce, payload = file[line + 1 : line + 17], file[line + 17 :]
        return ChaCha20Poly1305(_derive(file_key, nonce, b"payload")).decrypt(_LAST_CHUNK, payload, None)
    raise ValueError("no stanza fits")
