#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The promises of the driver "ipp", kept encrypted against a PAPPL program.
exec "${PLATEN_BUILD:-.}/tests/drivers/contract" pappl tls
