"""An authority of our own and what it vouches for."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

day = datetime.timedelta(days=1)


def alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def issued(subject, key, issuer, issuer_key, *extensions):
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in (subject, issuer)]
    builder = x509.CertificateBuilder().subject_name(names[0]).issuer_name(names[1]).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def write_server_files(folder, *names):
    """ca.pem, and server.pem with server.key, good for these names and addresses."""
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = issued("Ours", authority, "Ours", authority, x509.BasicConstraints(ca=True, path_length=0))
    leaf = issued("server", server, "Ours", authority, x509.SubjectAlternativeName([alternative(name) for name in names]))
    pem, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "ca.pem").write_bytes(root.public_bytes(pem))
    (folder / "server.pem").write_bytes(leaf.public_bytes(pem))
    key = server.private_bytes(pem, serialization.PrivateFormat.PKCS8, no_password)
    (folder / "server.key").write_bytes(key)
