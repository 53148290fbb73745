/* SPDX-License-Identifier: Apache-2.0
 *
 * The maker of small pictures. Included by desk/ only.
 */
#pragma once
#include "ports/loop.h"

struct desk;
struct thumbs;

struct thumbs *thumbs_create(struct desk *desk);
void thumbs_free(struct thumbs *thumbs);
/* After the doors are closed: nobody waits for a picture. False: closed at once. */
bool thumbs_close(struct thumbs *thumbs, loop_call *done, void *context);
