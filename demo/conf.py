# SPDX-License-Identifier: Apache-2.0
"""The configuration files of the demo's floor: who its printers are, which papers lie in them, and what
is sold on them."""
import os

from pki import SHOP

GLOSSY_4X6 = "na_index-4x6_4x6in:10160:15240:photographic-glossy"
MATTE_4X6 = "na_index-4x6_4x6in:10160:15240:photographic-matte"
LUSTRE_5X7 = "na_5x7_5x7in:12700:17780:photographic-semi-gloss"
GLOSSY_6X8 = "oe_photo-6x8_6x8in photographic-glossy 15240 20320 600"

# name: (model in profiles/models, papers)
IPP_PRINTERS = {"P1": ("photo-ipp", [GLOSSY_4X6, LUSTRE_5X7]),
                "P2": ("photo-ipp-jpeg", [GLOSSY_4X6, LUSTRE_5X7, MATTE_4X6])}
FAKE_PRINTERS = {"D1": ("virtual-dyesub", GLOSSY_6X8)}
SKUS = ["4x6-glossy", "5x7-lustre", "6x8-glossy", "4x6-border-matte"]


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def write_orders(lab):
    """platen-orders: where it listens, by which certificates, and how long a lease lasts."""
    pki, home = lab.pki, os.path.join(lab.run, "orders")
    return write(os.path.join(home, "orders.conf"), f"""data = "{home}"
listen = "127.0.0.1:{lab.service_port}"
public_url = "https://localhost:{lab.front_port}"
cert = "{pki}/server.pem"
key = "{pki}/server.key"
ca = "{pki}/ca.pem"
admin_url = "https://localhost:{lab.service_port}"
admin_cert = "{pki}/admin.pem"
admin_key = "{pki}/admin.key"
sign_key = "{pki}/{SHOP}.key"
sign_name = "{SHOP}"
lease = "{lab.lease}"
heartbeat = "{lab.heartbeat}"
""")


def signatures_of(lab):
    if lab.signatures == "off":
        return ""
    return f"""	signatures = {lab.signatures}
	signing_keys = "{lab.pki}/keys"
"""


def cloud_of(lab):
    """Photos come from loopback, so that host is private."""
    return f"""
cloud {{
	url = "https://localhost:{lab.front_port}"
	ca = "{lab.pki}/ca.pem"
	certificate = "{lab.pki}/floor.pem"
	key = "{lab.pki}/floor.key"
{signatures_of(lab)}}}
asset_host localhost {{
	port = {lab.front_port}
	private = yes
	ca = "{lab.pki}/ca.pem"
}}
"""


def write_platend(lab, cloud=True):
    """platend: its floor, its service, its printers."""
    home = os.path.join(lab.run, "platend")
    os.makedirs(home, exist_ok=True)
    text = f"""# the floor of ./bootstrap demo; docs/platen.conf.example says every key
floor = "{lab.floor}"
state_folder = "{lab.state or home + '/state'}"
spool_folder = "{lab.spool or home + '/spool'}"
profiles_folder = "{lab.root}/profiles"
socket = "{lab.socket}"
worker_program = "{lab.program('platen-worker')}"
console {{ listen = "127.0.0.1:{lab.console_port}" }}
spool {{ reserve = "{lab.reserve}" }}
"""
    text += (cloud_of(lab) if cloud else "") + lab.more_conf
    for printer in lab.printers:
        text += f"""
printer {printer.name} {{
	model = {printer.model}
	uri = "{printer.uri()}"
	exclusive = {"yes" if printer.exclusive else "no"}
	poll = "{lab.poll}"
{getattr(printer, "more_conf", "")}}}
"""
    return write(os.path.join(home, "platen.conf"), text)
