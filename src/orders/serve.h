/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the order service until SIGTERM or SIGINT.
 */
#pragma once
#include "orders/setup.h"

must_use bool serve(const struct setup *setup, struct err *err);
