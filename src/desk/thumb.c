/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v1/thumbs/JOB/PAGE.
 */
#include "desk/desk_own.h"

void thumb_send(struct ask *ask)
{
	answer_problem(ask->request, 404, "unknown-page", "no picture");
	ask_done(ask);
}
