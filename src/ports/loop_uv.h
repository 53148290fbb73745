/* SPDX-License-Identifier: Apache-2.0
 *
 * What the other doors need of the loop. Included in ports/ only.
 */
#pragma once
#include "ports/loop.h"
#include <uv.h>

uv_loop_t *loop_uv(struct loop *loop);
