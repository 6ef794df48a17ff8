"""Forges tokens: with our own key, with the server's public one and, since its folder is ours, with its private one."""

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

sums = {"RS256": hashes.SHA256(), "RS384": hashes.SHA384(), "RS512": hashes.SHA512()}


def b64(data):
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def parts(token):
    head, body, signature = token.split(".")
    return json.loads(unb64(head)), json.loads(unb64(body)), signature


def own_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def server_key(souk, kid):
    """The private key that signs, from the server's folder."""
    for file in souk.data.rglob("signing-*.pem"):
        if kid in file.name:
            return serialization.load_pem_private_key(file.read_bytes(), None)
    raise AssertionError(f"no signing key {kid} below {souk.data}")


def number(n):
    return b64(n.to_bytes((n.bit_length() + 7) // 8, "big"))


def jwk(key, kid="own"):
    public = key.public_key().public_numbers()
    return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": number(public.n), "e": number(public.e)}


def pem(key):
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, kind)


def der(key):
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, kind)


def signed(head, claims, key, written_head=None):
    """`claims` that are text are written already; so is the header where it is to be signed in other words than `head`."""
    text = f"{b64(written_head or head)}.{claims if isinstance(claims, str) else b64(claims)}"
    how = padding.PKCS1v15()
    if str(head.get("alg", "")).startswith("PS"):
        how = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    return f"{text}.{b64(key.sign(text.encode(), how, sums.get(head.get('alg'), hashes.SHA256())))}"


def mac(head, claims, secret):
    text = f"{b64(head)}.{b64(claims)}"
    return f"{text}.{b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"
