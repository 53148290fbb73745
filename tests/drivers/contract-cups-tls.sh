#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The promises of the driver "ipp", kept encrypted against a private cupsd.
exec "${PLATEN_BUILD:-.}/tests/drivers/contract" cups tls
