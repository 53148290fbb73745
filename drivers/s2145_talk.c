/* SPDX-License-Identifier: Apache-2.0
 *
 * Talking to it. Replies don't say what they answer, and pixels that are owed swallow commands, so
 * that two things are never believed: what may have been in the pipe before the line was opened,
 * and that a printer which says nothing is well. The first is read away, the second is ended by a
 * reset of the port, after which the printer has forgotten the picture that it never had whole.
 */
#include "drivers/s2145.h"
#include <stdio.h>
#include <string.h>

#define FIRST_MS   5000  /* on a new line: it may be owed pixels, and would swallow the question */
#define ASK_MS     15000 /* on a line that has answered */
#define STALE_MS   50
#define STALE_MAX  16 /* transfers that are read away, and empty ones that are borne */
#define POUR_MS    30000
#define POUR_BYTES (256 * 1024)

void s2145_hang_up(struct s2145 *s)
{
	if (s->line != NULL) {
		s->line->close(s->line);
	}
	s->line = NULL;
	s->answered = false;
}

/* ---- one question ---- */

static bool is_stall(const struct err *err)
{
	return strcmp(err->code, "printer-stalled") == 0;
}

static bool no_answer(const struct s2145 *s, const char *what, struct err *err)
{
	return err_set(err, REMEDY_RETRY, "printer-answer",
		"printer %s: what it answers is not sound (%s); it is asked again",
		s->device->printer, what);
}

static bool receive(struct s2145 *s, struct s2145_reply *reply, int64_t wait_ms, struct err *err)
{
	uint8_t bytes[2 * S2145_REPLY_MAX];
	size_t n_bytes = 0;
	size_t whole = S2145_HEAD_BYTES;
	for (int empty = 0; n_bytes < whole;) {
		size_t got = 0;
		if (!s->line->in(
			    s->line, bytes + n_bytes, sizeof bytes - n_bytes, wait_ms, &got, err)) {
			return false;
		}
		if (got == 0 && ++empty == STALE_MAX) {
			return no_answer(s, "empty", err);
		}
		bool had_head = n_bytes >= S2145_HEAD_BYTES;
		n_bytes += got;
		if (!had_head && n_bytes >= S2145_HEAD_BYTES) {
			if (!s2145_take_head(bytes, &reply->head)) {
				return no_answer(s, "its head", err);
			}
			whole += reply->head.payload_bytes;
		}
	}
	memcpy(reply->payload, bytes + S2145_HEAD_BYTES, reply->head.payload_bytes);
	return n_bytes == whole || no_answer(s, "longer than it says", err);
}

static bool ask_once(struct s2145 *s, const uint8_t *command, size_t n_command,
	struct s2145_reply *reply, struct err *err)
{
	size_t taken = 0;
	int64_t wait_ms = s->answered ? ASK_MS : FIRST_MS;
	*reply = (struct s2145_reply){.head = {.ok = false}};
	bool fine = s->line->out(s->line, command, n_command, wait_ms, &taken, err) &&
		    receive(s, reply, wait_ms, err);
	s->answered = s->answered || fine;
	return fine;
}

/* ---- starting clean ---- */

/* Answers to a worker before us, which has died without reading them. */
static bool read_away(struct s2145 *s, struct err *err)
{
	uint8_t bytes[2 * S2145_REPLY_MAX];
	for (int i = 0; i < STALE_MAX; i++) {
		size_t got;
		if (!s->line->in(s->line, bytes, sizeof bytes, STALE_MS, &got, err)) {
			return is_stall(err);
		}
	}
	return no_answer(s, "without an end", err);
}

/* Whatever comes of it, the picture is not waited for any more: a reset that did not reach it is
 * made again when it stays silent. */
static bool start_anew(struct s2145 *s, struct err *err)
{
	s->fills = false;
	return s->line->reset(s->line, err) && read_away(s, err);
}

static bool talk(struct s2145 *s, const uint8_t *command, size_t n_command,
	struct s2145_reply *reply, struct err *err)
{
	if (s->fills && !start_anew(s, err)) {
		return false;
	}
	if (ask_once(s, command, n_command, reply, err)) {
		return true;
	}
	if (!is_stall(err)) {
		return false;
	}
	/* an answer that was only late must not be taken for the next one */
	if (start_anew(s, err) && ask_once(s, command, n_command, reply, err)) {
		return read_away(s, err);
	}
	return is_stall(err) ? err_set(err, REMEDY_RETRY, "printer-silent",
				       "printer %s: it gives no answer, also after a reset of its "
				       "port: switch it off and on",
				       s->device->printer)
			     : false;
}

/* ---- who it is ---- */

static bool query(struct s2145 *s, enum s2145_code code, uint8_t rest, struct s2145_reply *reply,
	struct err *err)
{
	uint8_t command[S2145_COMMAND_MAX];
	size_t n = s2145_command(code, &rest, rest > 0, command);
	return talk(s, command, n, reply, err);
}

static bool is_s2145(const struct s2145 *s, struct err *err)
{
	const struct usb_identity *identity = &s->line->identity;
	bool is_one =
		identity->vendor == S2145_VENDOR &&
		(identity->product == S2145_PRODUCT || identity->product == S2145_PRODUCT_OLMEC);
	return is_one ||
	       err_set(err, REMEDY_ATTEND, "printer-unfit",
		       "printer %s: the device at its place is no Sinfonia CHC-S2145 (%04x:%04x "
		       "%.40s); nothing was sent. Correct its uri or its model in the "
		       "configuration",
		       s->device->printer, identity->vendor, identity->product, identity->title);
}

/* Its serial; where USB says none, the id that somebody gave it, else the port it hangs at. */
static bool ask_identity(struct s2145 *s, char *uuid, size_t size, struct err *err)
{
	char said[S2145_NAME_MAX];
	struct s2145_reply reply;
	usb_uuid(&s->line->identity, uuid, size);
	if (s->line->identity.serial[0] != '\0') {
		return true;
	}
	if (!query(s, S2145_UNIQUE, 0, &reply, err)) {
		return false;
	}
	if (s2145_take_unique(reply.payload, reply.head.payload_bytes, said) && said[0] != '\0') {
		text_copy(uuid, size, said);
	}
	return true;
}

static bool meet_identity(struct s2145 *s, struct err *err)
{
	char uuid[sizeof s->uuid];
	if (!ask_identity(s, uuid, sizeof uuid, err)) {
		return false;
	}
	if (s->uuid[0] == '\0') {
		text_copy(s->uuid, sizeof s->uuid, uuid);
	}
	return strcmp(s->uuid, uuid) == 0 ||
	       err_set(err, REMEDY_ATTEND, "printer-changed",
		       "printer %s: another printer answers (%s, expected %s); nothing was sent. "
		       "If it was exchanged on purpose, enter the new serial",
		       s->device->printer, uuid, s->uuid);
}

/* Model and firmware, for people; what it does not say stays empty. */
static bool meet_details(struct s2145 *s, struct err *err)
{
	enum { MAIN_PROGRAM = 2 };
	char said[S2145_NAME_MAX];
	struct s2145_reply reply;
	if (!query(s, S2145_MODEL, 0, &reply, err)) {
		return false;
	}
	bool names = s2145_take_model(reply.payload, reply.head.payload_bytes, said);
	snprintf(s->title, sizeof s->title, "Sinfonia %s",
		names && said[0] != '\0' ? said : "CHC-S2145");
	if (!query(s, S2145_FIRMWARE, MAIN_PROGRAM, &reply, err)) {
		return false;
	}
	if (s2145_take_firmware(reply.payload, reply.head.payload_bytes, said)) {
		text_copy(s->firmware, sizeof s->firmware, said);
	}
	return true;
}

static bool connect_it(struct s2145 *s, struct err *err)
{
	static const struct usb_wish wish = {
		.interface_class = -1, .interface_protocol = -1, .needs_in = true};
	struct device *device = s->device;
	if (s->line != NULL) {
		return true;
	}
	if (device->usb == NULL) {
		return err_set(err, REMEDY_ATTEND, "driver",
			"printer %s: USB was not built into this program; install one that has it",
			device->printer);
	}
	s->line = device->usb(device->host, &wish, err);
	if (s->line == NULL) {
		return false;
	}
	if (is_s2145(s, err) && read_away(s, err) && meet_identity(s, err) &&
		meet_details(s, err)) {
		return true;
	}
	s2145_hang_up(s);
	return false;
}

/* ---- for the others ---- */

bool s2145_ask(struct s2145 *s, const uint8_t *command, size_t n_command, struct s2145_reply *reply,
	struct err *err)
{
	if (!connect_it(s, err)) {
		return false;
	}
	if (talk(s, command, n_command, reply, err)) {
		return true;
	}
	if (err->remedy != REMEDY_DROP) {
		s2145_hang_up(s);
	}
	return false;
}

bool s2145_query(struct s2145 *s, enum s2145_code code, struct s2145_reply *reply, struct err *err)
{
	uint8_t command[S2145_COMMAND_MAX];
	return s2145_ask(s, command, s2145_command(code, NULL, 0, command), reply, err);
}

/* Never said twice by itself: what it made of the first is not known. */
bool s2145_announce(
	struct s2145 *s, const struct s2145_job *job, struct s2145_head *head, struct err *err)
{
	struct s2145_reply reply;
	uint8_t command[S2145_COMMAND_MAX];
	size_t n = s2145_print_command(job, command);
	if (!connect_it(s, err) || (s->fills && !start_anew(s, err))) {
		return false;
	}
	s->fills = true; /* unless it says no */
	bool fine = ask_once(s, command, n, &reply, err) &&
		    (reply.head.payload_bytes == 0 || no_answer(s, "not of a print", err));
	if (fine) {
		*head = reply.head;
		s->fills = head->ok;
	} else if (err->remedy != REMEDY_DROP) {
		s2145_hang_up(s);
	}
	return fine;
}

bool s2145_pour(struct s2145 *s, const uint8_t *pixels, size_t n_bytes, bool ends, struct err *err)
{
	for (size_t at = 0; at < n_bytes;) {
		size_t taken = 0;
		size_t piece = n_bytes - at < POUR_BYTES ? n_bytes - at : POUR_BYTES;
		if (!s->line->out(s->line, pixels + at, piece, POUR_MS, &taken, err)) {
			if (err->remedy != REMEDY_DROP && !is_stall(err)) {
				s2145_hang_up(s);
			}
			return false;
		}
		at += taken;
	}
	s->fills = !ends;
	return true;
}

bool s2145_refused(
	const struct s2145 *s, const struct s2145_head *head, const char *to, struct err *err)
{
	if (s2145_is_broken(head)) {
		const struct s2145_fault *fault = s2145_fault_of(head->major, head->minor);
		return err_set(err, REMEDY_ATTEND, fault->keyword,
			"printer %s: it refuses to %s: %s", s->device->printer, to, fault->says);
	}
	const struct s2145_refusal *why = s2145_refusal_of(head->error);
	return err_set(err, why->remedy, why->code, "printer %s: it refuses to %s: %s",
		s->device->printer, to, why->says);
}
