/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a printer's answer: through the check of its shape, libcups, and what we take of it.
 */
#include "tests/fuzz/fuzz.h"
#include "base/text.h"
#include "drivers/ipp.h"
#include <string.h>

static void look_at_status(ipp_t *answer)
{
	struct device_status status = {0};
	struct err err = {.text = ""};
	if (!ipp_status_of(answer, &status, &err)) {
		fuzz_must(err.text[0] != '\0');
		return;
	}
	fuzz_must(status.n_reasons >= 0 && status.n_reasons <= DEVICE_REASONS_MAX);
	fuzz_must(status.n_ready >= 0 && status.n_ready <= DEVICE_READY_MAX);
	fuzz_must(text_is_utf8(status.message, strlen(status.message)));
	fuzz_must(text_is_utf8(status.title, strlen(status.title)));
	fuzz_must(strpbrk(status.message, "\n\r\x1b") == NULL);
	fuzz_must(status.n_alerts >= 0 && status.n_alerts <= DEVICE_ALERTS_MAX);
	fuzz_must(status.n_trays >= 0 && status.n_trays <= DEVICE_TRAYS_MAX);
	fuzz_must(status.n_media >= 0 && status.n_media <= DEVICE_MEDIA_MAX);
	for (int32_t i = 0; i < status.n_alerts; i++) {
		const struct alert *alert = &status.alerts[i];
		fuzz_must(alert->keyword[0] != '\0' &&
			  text_is_utf8(alert->text, strlen(alert->text)));
		fuzz_must(text_is_utf8(alert->where, strlen(alert->where)));
	}
	for (int32_t i = 0; i < status.n_trays; i++) {
		const struct tray *tray = &status.trays[i];
		fuzz_must(text_is_utf8(tray->name, strlen(tray->name)));
		fuzz_must(tray->level >= LEFT_UNBOUND && !(tray->is_empty && tray->level != 0));
	}
	for (int32_t i = 0; i < status.n_ready; i++) {
		fuzz_must(strlen(status.ready[i].size_name) < sizeof status.ready[i].size_name);
	}
}

static void look_at_jobs(ipp_t *answer)
{
	struct ipp_job *jobs = NULL;
	size_t n = ipp_jobs_of(answer, &jobs);
	for (size_t i = 0; i < n; i++) {
		fuzz_must(strlen(jobs[i].name) < ATTEMPT_KEY_MAX);
		fuzz_must(text_is_utf8(jobs[i].message, strlen(jobs[i].message)));
	}
	free(jobs);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct err err = {.text = ""};
	/* the id that it answers, so that most texts get past that check */
	int32_t id = len < 8 ? 1
			     : (int32_t)((uint32_t)bytes[4] << 24 | (uint32_t)bytes[5] << 16 |
					 (uint32_t)bytes[6] << 8 | bytes[7]);
	ipp_t *answer = ipp_answer_read((const char *)bytes, len, id, &err);
	if (answer == NULL) {
		fuzz_must(err.text[0] != '\0');
		return 0;
	}
	static struct ipp ipp = {.uri = "ipp://printer.example/ipp/print"};
	static struct device device = {.printer = "P1"};
	ipp.device = &device;
	bool fine = ipp_answer_is_fine(&ipp, answer, "asking", &err);
	fuzz_must(fine || err.text[0] != '\0');
	look_at_status(answer);
	look_at_jobs(answer);
	ippDelete(answer);
	return 0;
}
