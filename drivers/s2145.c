/* SPDX-License-Identifier: Apache-2.0
 *
 * The Sinfonia CHC-S2145 (also Shinko's and Olmec's): its row of functions, cancel and sweep. The
 * line to it is opened by the first question and again after it broke.
 */
#include "drivers/s2145.h"
#include "drivers/list.h"
#include "base/mem.h"
#include <stdlib.h>

static bool s2145_open(struct device *device, struct err *err)
{
	(void)err;
	struct s2145 *s = mem_new(1, sizeof *s);
	s->device = device;
	text_copy(s->uuid, sizeof s->uuid, device->uuid == NULL ? "" : device->uuid);
	device->own = s;
	return true;
}

static void s2145_close(struct device *device)
{
	struct s2145 *s = device->own;
	if (s != NULL) {
		s2145_hang_up(s);
		free(s);
	}
	device->own = NULL;
}

static bool s2145_cancel(struct device *device, const struct attempt *attempt, struct err *err)
{
	struct s2145 *s = device->own;
	struct s2145_state state;
	if (!s2145_look(s, &state, err)) {
		return false;
	}
	int at = s2145_bank_of(&state, attempt->device_job);
	return at < 0 || !s2145_bank_is_used(&state.banks[at]) ||
	       s2145_drop(s, state.banks[at].id, err);
}

/* A bank knows its job's number and not the attempt's key. One that waits for pixels can be
 * nobody's any more: this worker has the line for itself and has just begun. One that prints is
 * dropped only where no attempt is known that it could be of, and nobody else uses the printer. */
static bool s2145_sweep(struct device *device, const char (*known)[ATTEMPT_KEY_MAX], size_t n_known,
	int32_t *swept, struct err *err)
{
	(void)known;
	struct s2145 *s = device->own;
	struct s2145_state state;
	*swept = 0;
	if (!s2145_look(s, &state, err)) {
		return false;
	}
	for (int i = 0; i < S2145_BANKS; i++) {
		const struct s2145_bank *bank = &state.banks[i];
		bool is_cut_off = bank->state == S2145_BANK_FILLS;
		bool is_orphan = s2145_bank_is_used(bank) && n_known == 0 && device->exclusive;
		if (is_cut_off || is_orphan) {
			if (!s2145_drop(s, bank->id, err)) {
				return false;
			}
			++*swept;
		}
	}
	return true;
}

const struct driver driver_s2145 = {
	.name = "s2145",
	.open = s2145_open,
	.status = s2145_status,
	.witness = s2145_witness,
	.send = s2145_send,
	.confirm = s2145_confirm,
	.cancel = s2145_cancel,
	.sweep = s2145_sweep,
	.close = s2145_close,
};
