"""Who may log in: a user's password, or a JSON Web Token signed with the private half of one of the user's keys.

https://docs.snowflake.com/en/user-guide/key-pair-auth
"""

import base64
import binascii
import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from .errors import SnowflakeError

# https://docs.snowflake.com/en/user-guide/key-pair-auth-troubleshooting
_INVALID_JWT = SnowflakeError("390144", "08004", "JWT token is invalid. [0ce9eb56-821d-4ca9-a774-04ae89a0cf5a]")
_WRONG_PASSWORD = SnowflakeError("390100", "08001", "Incorrect username or password was specified.")


@dataclass(frozen=True)
class Credentials:
    """The one user of this server. public_keys: RSA_PUBLIC_KEY and, while keys rotate, RSA_PUBLIC_KEY_2."""

    user: str
    password: str | None
    public_keys: tuple[rsa.RSAPublicKey, ...]

    def check(self, data: dict[str, Any]) -> None:
        """Raise SnowflakeError unless the `data` of a login request proves the user."""
        name = str(data.get("LOGIN_NAME") or "")
        if str(data.get("AUTHENTICATOR") or "").upper() == "SNOWFLAKE_JWT":
            self._check_token(str(data.get("ACCOUNT_NAME") or ""), name, str(data.get("TOKEN") or ""))
            return
        if name.upper() != self.user.upper() or self.password is None or data.get("PASSWORD") != self.password:
            raise _WRONG_PASSWORD

    def _check_token(self, account: str, name: str, token: str) -> None:
        try:
            header, payload, signature = token.split(".")
            signed = f"{header}.{payload}".encode()
            algorithm = json.loads(_from_base64url(header)).get("alg")
            claims = json.loads(_from_base64url(payload))
            signature_bytes = _from_base64url(signature)
        except (ValueError, AttributeError, binascii.Error):
            raise _INVALID_JWT from None
        subject = f"{account.upper()}.{name.upper()}"
        for key in self.public_keys:
            if claims.get("iss") == f"{subject}.{fingerprint(key)}" and _verifies(key, signature_bytes, signed):
                break
        else:
            raise _INVALID_JWT
        if algorithm != "RS256" or claims.get("sub") != subject or name.upper() != self.user.upper():
            raise _INVALID_JWT
        if _in_seconds(claims.get("exp")) < time.time():
            raise _INVALID_JWT


def load_public_key(path: str) -> rsa.RSAPublicKey:
    """Read a PEM file (SubjectPublicKeyInfo). Raises ValueError when it holds another kind of key."""
    with open(path, "rb") as file:
        key = serialization.load_pem_public_key(file.read())
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError(f"{path} does not hold an RSA public key")
    return key


def fingerprint(key: rsa.RSAPublicKey) -> str:
    """What DESCRIBE USER shows as RSA_PUBLIC_KEY_FP."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"SHA256:{base64.b64encode(hashlib.sha256(der).digest()).decode()}"


def _verifies(key: rsa.RSAPublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        return True
    except InvalidSignature:
        return False


def _from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _in_seconds(value: Any) -> float:
    """The Node driver writes iat and exp in milliseconds where RFC 7519 has seconds; Snowflake takes both."""
    number = float(value or 0)
    return number / 1000 if number > 1e11 else number
