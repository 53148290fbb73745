# SPDX-License-Identifier: Apache-2.0
"""The demo's private CA and its certificates, made by openssl: one for the order service, one for the
floor (its common name is the floor's id), one for whoever seeds orders ("admin")."""
import os
import subprocess

EXTENSIONS = """[ca]
basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[server]
basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1
[client]
basicConstraints=CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=clientAuth
"""


def openssl(*words):
    done = subprocess.run(["openssl", *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {words[0]}: {done.stderr.decode(errors='replace').strip()}")


def make_certificate(folder, name, common_name, section, days=30):
    key, request, cert = (os.path.join(folder, f"{name}.{kind}") for kind in ("key", "csr", "pem"))
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
            "-out", request, "-subj", f"/O=platen demo/CN={common_name}")
    signer = ["-CA", os.path.join(folder, "ca.pem"), "-CAkey", os.path.join(folder, "ca.key"), "-CAcreateserial"]
    if section == "ca":
        signer = ["-signkey", key]
    openssl("x509", "-req", "-in", request, "-out", cert, "-days", str(days), "-sha256", *signer,
            "-extfile", os.path.join(folder, "extensions"), "-extensions", section)
    os.chmod(key, 0o600)
    os.unlink(request)


SHOP = "demo-shop"


def make_signing_key(folder, name):
    """What leases are signed with: NAME.key, and keys/NAME.pem for the floors."""
    keys = os.path.join(folder, "keys")
    private = os.path.join(folder, f"{name}.key")
    os.makedirs(keys, exist_ok=True)
    openssl("genpkey", "-algorithm", "ed25519", "-out", private)
    os.chmod(private, 0o600)
    openssl("pkey", "-in", private, "-pubout", "-out", os.path.join(keys, f"{name}.pem"))


def make(folder, floor):
    """ca, server, floor and admin, each as .pem and .key, in `folder`."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with open(os.path.join(folder, "extensions"), "w", encoding="ascii") as file:
        file.write(EXTENSIONS)
    make_certificate(folder, "ca", "platen demo CA", "ca")
    make_certificate(folder, "server", "localhost", "server")
    make_certificate(folder, "floor", floor, "client")
    make_certificate(folder, "admin", "admin", "client")
    make_signing_key(folder, SHOP)
