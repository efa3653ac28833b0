"""JSON Web Tokens that are signed with RS256: what a key pair, an OAuth server and a workload's issuer send."""

import base64
import binascii
import json
import time
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class InvalidToken(Exception):
    """A token that is malformed, signed otherwise, or signed with another key."""


class ExpiredToken(InvalidToken):
    """A token whose time is over."""


def read_token(token: str, keys: tuple[rsa.RSAPublicKey, ...]) -> tuple[dict[str, Any], rsa.RSAPublicKey]:
    """The claims of a token, and which of the keys it was signed with. Raises InvalidToken."""
    try:
        header, payload, signature = token.split(".")
        algorithm = json.loads(_from_base64url(header)).get("alg")
        claims = json.loads(_from_base64url(payload))
        signature_bytes = _from_base64url(signature)
    except (ValueError, AttributeError, binascii.Error):
        raise InvalidToken from None
    if algorithm != "RS256" or not isinstance(claims, dict):
        raise InvalidToken
    for key in keys:
        if _verifies(key, signature_bytes, f"{header}.{payload}".encode()):
            if _in_seconds(claims.get("exp")) < time.time():
                raise ExpiredToken
            return claims, key
    raise InvalidToken


def audiences(claims: dict[str, Any]) -> list[Any]:
    """Whom a token is for: RFC 7519 allows one or a list."""
    audience = claims.get("aud")
    return audience if isinstance(audience, list) else [audience]


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
