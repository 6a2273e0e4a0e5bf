"""RSA keys of the fakes that sign what they send, created once in each process."""

import base64
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


@cache
def key_of(owner: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(owner: str) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key_of(owner).private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def public_pem(owner: str) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key_of(owner).public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def sign(owner: str, text: str) -> str:
    return base64.b64encode(key_of(owner).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


def is_signed(owner: str, text: str, signature: str) -> bool:
    try:
        found = base64.b64decode(signature)
        key_of(owner).public_key().verify(found, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True
