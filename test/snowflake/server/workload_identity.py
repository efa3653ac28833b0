"""Workloads that prove what they are by an attestation of their platform.

https://docs.snowflake.com/en/user-guide/workload-identity-federation. AZURE, GCP and OIDC attest with a token of an
issuer, AWS with a request to its token service that the workload has signed: Snowflake sends it on, and AWS says who
signed it. Here the signature is checked instead (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html).
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa

from .tokens import InvalidToken, audiences, read_token

_STS = re.compile(r"sts\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
_CREDENTIAL = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([a-z0-9-]+)/sts/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)


@dataclass(frozen=True)
class Issuer:
    """WORKLOAD_IDENTITY of a user: TYPE, ISSUER, SUBJECT and OIDC_AUDIENCE_LIST, with the issuer's key."""

    provider: str
    issuer: str
    subject: str
    audience: str
    key: rsa.RSAPublicKey


@dataclass(frozen=True)
class AwsIdentity:
    """WORKLOAD_IDENTITY of a user, TYPE = AWS: the access key of the role or user of its ARN."""

    access_key_id: str
    secret_access_key: str


def is_trusted(provider: str, token: str, issuers: tuple[Issuer, ...], aws: AwsIdentity | None) -> bool:
    """Whether an attestation is of an identity of the user."""
    if provider == "AWS":
        return aws is not None and _is_signed_by(token, aws)
    for each in issuers:
        try:
            claims, _ = read_token(token, (each.key,))
        except InvalidToken:
            continue
        named = (claims.get("iss"), claims.get("sub")) == (each.issuer, each.subject)
        if each.provider == provider and named and each.audience in audiences(claims):
            return True
    return False


def _is_signed_by(token: str, identity: AwsIdentity) -> bool:
    try:
        request = json.loads(base64.b64decode(token, validate=True))
        url, method = urlsplit(str(request["url"])), str(request["method"])
        headers = {str(name).lower(): str(value) for name, value in request["headers"].items()}
    except (ValueError, KeyError, AttributeError, binascii.Error):
        return False
    query = dict(parse_qsl(url.query))
    found = _CREDENTIAL.fullmatch(headers.get("authorization", ""))
    if not found or url.scheme != "https" or not _STS.fullmatch(url.netloc):
        return False
    if query.get("Action") != "GetCallerIdentity":
        return False
    key_id, date, region, names, signature = found.groups()
    # The audience is signed, so that nobody else whom the workload calls can send its request to Snowflake.
    if headers.get("x-snowflake-audience") != "snowflakecomputing.com" or headers.get("host") != url.netloc:
        return False
    if not {"host", "x-snowflake-audience", "x-amz-date"} <= set(names.split(";")):
        return False
    lines = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in names.split(";"))
    canonical_query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(query.items()))
    empty = hashlib.sha256(b"").hexdigest()
    canonical = "\n".join([method, url.path, canonical_query, lines, names, empty])
    scope = f"{date}/{region}/sts/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", headers.get("x-amz-date", ""), scope, digest])
    key = f"AWS4{identity.secret_access_key}".encode()
    for part in (date, region, "sts", "aws4_request", to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key_id == identity.access_key_id and hmac.compare_digest(key.hex(), signature)
