"""Who may log in: by password, by one of the user's keys, by a programmatic access token, by the token of an OAuth
server, or as a workload.

https://docs.snowflake.com/en/user-guide/key-pair-auth, .../programmatic-access-tokens and .../oauth-ext-overview
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .errors import SnowflakeError
from .tokens import ExpiredToken, InvalidToken, audiences, read_token
from .workload_identity import AwsIdentity, Issuer, is_trusted

_ID = "[0ce9eb56-821d-4ca9-a774-04ae89a0cf5a]"
# https://docs.snowflake.com/en/user-guide/key-pair-auth-troubleshooting
_INVALID_JWT = SnowflakeError("390144", "08004", f"JWT token is invalid. {_ID}")
_WRONG_PASSWORD = SnowflakeError("390100", "08001", "Incorrect username or password was specified.")
# Number and text as Snowflake's drivers test them.
_INVALID_ACCESS_TOKEN = SnowflakeError("394400", "08001", "Programmatic access token is invalid.")
# https://docs.snowflake.com/en/user-guide/oauth-ext-overview#error-codes
_INVALID_OAUTH = SnowflakeError("390303", "08001", f"Invalid OAuth access token. {_ID}")
_EXPIRED_OAUTH = SnowflakeError("390318", "08001", f"OAuth access token expired. {_ID}")
_OTHER_USER = SnowflakeError(
    "390309", "08001", "The user you were trying to authenticate as differs from the user tied to the access token."
)
_ROLE_NOT_LISTED = SnowflakeError(
    "390317", "08001", "The role requested in the connection is not listed in the Access Token or was filtered."
)


@dataclass(frozen=True)
class OauthServer:
    """A security integration of TYPE = EXTERNAL_OAUTH, whose EXTERNAL_OAUTH_TOKEN_USER_MAPPING_CLAIM is `sub`."""

    issuer: str
    audience: str
    key: rsa.RSAPublicKey


@dataclass(frozen=True)
class Credentials:
    """The one user of this server. public_keys: RSA_PUBLIC_KEY and, while keys rotate, RSA_PUBLIC_KEY_2."""

    user: str
    password: str | None = None
    public_keys: tuple[rsa.RSAPublicKey, ...] = ()
    access_token: str | None = None
    oauth: OauthServer | None = None
    identities: tuple[Issuer, ...] = field(default=())
    aws: AwsIdentity | None = None

    def check(self, data: dict[str, Any], role: str | None) -> str:
        """The user whom the `data` of a login request proves. Raises SnowflakeError."""
        name, token = str(data.get("LOGIN_NAME") or ""), str(data.get("TOKEN") or "")
        authenticator = str(data.get("AUTHENTICATOR") or "").upper()
        if authenticator == "SNOWFLAKE_JWT":
            self._check_key_pair(str(data.get("ACCOUNT_NAME") or ""), name, token)
        elif authenticator == "PROGRAMMATIC_ACCESS_TOKEN":
            if not self._is(name) or self.access_token is None or token != self.access_token:
                raise _INVALID_ACCESS_TOKEN
        elif authenticator == "OAUTH":
            self._check_oauth(name, token, role)
        elif authenticator == "WORKLOAD_IDENTITY":
            # Snowflake publishes no numbers for these: those of an OAuth token stand in.
            if not is_trusted(str(data.get("PROVIDER")), token, self.identities, self.aws):
                raise _INVALID_OAUTH
            if name and not self._is(name):
                raise _OTHER_USER
        elif authenticator not in ("", "SNOWFLAKE"):
            raise SnowflakeError("390100", "08001", f"This test server has no authenticator {authenticator}")
        elif not self._is(name) or self.password is None or data.get("PASSWORD") != self.password:
            raise _WRONG_PASSWORD
        return self.user

    def _is(self, name: str) -> bool:
        return name.upper() == self.user.upper()

    def _check_key_pair(self, account: str, name: str, token: str) -> None:
        try:
            claims, key = read_token(token, self.public_keys)
        except InvalidToken:
            raise _INVALID_JWT from None
        subject = f"{account.upper()}.{name.upper()}"
        if claims.get("sub") != subject or claims.get("iss") != f"{subject}.{fingerprint(key)}" or not self._is(name):
            raise _INVALID_JWT

    def _check_oauth(self, name: str, token: str, role: str | None) -> None:
        if self.oauth is None:
            raise _INVALID_OAUTH
        try:
            claims, _ = read_token(token, (self.oauth.key,))
        except ExpiredToken:
            raise _EXPIRED_OAUTH from None
        except InvalidToken:
            raise _INVALID_OAUTH from None
        if claims.get("iss") != self.oauth.issuer or self.oauth.audience not in audiences(claims):
            raise _INVALID_OAUTH
        if not self._is(str(claims.get("sub"))) or (name and not self._is(name)):
            raise _OTHER_USER
        scopes = str(claims.get("scope") or "").lower().split()
        if f"session:role:{role or 'public'}".lower() not in scopes and "session:role-any" not in scopes:
            raise _ROLE_NOT_LISTED


def load_trust(path: str) -> dict[str, Any]:
    """What a JSON file says of `accessToken`, `oauth`, `identities` and `aws`, as arguments of Credentials."""
    with open(path, encoding="utf-8") as file:
        said = json.load(file)
    trust: dict[str, Any] = {"access_token": said.get("accessToken")}
    if oauth := said.get("oauth"):
        trust["oauth"] = OauthServer(oauth["issuer"], oauth["audience"], read_public_key(oauth["publicKey"]))
    trust["identities"] = tuple(
        Issuer(each["provider"], each["issuer"], each["subject"], each["audience"], read_public_key(each["publicKey"]))
        for each in said.get("identities", [])
    )
    if aws := said.get("aws"):
        trust["aws"] = AwsIdentity(aws["accessKeyId"], aws["secretAccessKey"])
    return trust


def load_public_key(path: str) -> rsa.RSAPublicKey:
    """Read a PEM file (SubjectPublicKeyInfo). Raises ValueError when it holds another kind of key."""
    with open(path, encoding="utf-8") as file:
        return read_public_key(file.read())


def read_public_key(pem: str) -> rsa.RSAPublicKey:
    """The same from its text."""
    key = serialization.load_pem_public_key(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("This is not an RSA public key")
    return key


def fingerprint(key: rsa.RSAPublicKey) -> str:
    """What DESCRIBE USER shows as RSA_PUBLIC_KEY_FP."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"SHA256:{base64.b64encode(hashlib.sha256(der).digest()).decode()}"
