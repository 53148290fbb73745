/* SPDX-License-Identifier: Apache-2.0
 *
 * Pages of old jobs made once more. Included by desk/ only.
 */
#pragma once
#include "ports/loop.h"

struct desk;
struct rerenders;

struct rerenders *rerenders_create(struct desk *desk);
void rerenders_free(struct rerenders *all);
/* After the doors are closed: nobody waits for an answer. False: closed at once. */
bool rerenders_close(struct rerenders *all, loop_call *done, void *context);
