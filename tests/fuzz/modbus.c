/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the answer of a Modbus unit over TCP, under the transaction number that was asked
 * with: the reading ends, either with all words or with a fault and a sentence.
 */
#include "tests/fuzz/fuzz.h"
#include "worker/sensor.h"
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUESTION_BYTES 12

struct peer {
	int fd;
	const uint8_t *bytes;
	size_t len;
};

/* Answers the one question, and ends its side, so that nothing waits for more. */
static void *answer(void *context)
{
	struct peer *peer = context;
	uint8_t question[QUESTION_BYTES];
	size_t got = 0;
	ssize_t n;
	while (got < sizeof question &&
		(n = recv(peer->fd, question + got, sizeof question - got, 0)) > 0) {
		got += (size_t)n;
	}
	fuzz_must(got < sizeof question || question[7] == 3 || question[7] == 4);
	if (send(peer->fd, question, 2, MSG_NOSIGNAL) == 2 && peer->len > 0) {
		n = send(peer->fd, peer->bytes, peer->len, MSG_NOSIGNAL);
		(void)n;
	}
	shutdown(peer->fd, SHUT_WR);
	return NULL;
}

static void ask(struct sensor_link *link, enum register_kind kind)
{
	const struct sensor_ask sensor = {"s", 1, kind, 0, 2};
	uint16_t words[SENSOR_WORDS_MAX];
	enum line_fault fault = LINE_REFUSED;
	struct err err = {.text = ""};
	if (!sensor_link_read(link, &sensor, words, &fault, &err)) {
		fuzz_must(err.text[0] != '\0' && fault <= LINE_BROKEN);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct sensor_bus_conf bus = {"b", "modbus-tcp://h", 1000, 1000};
	int ends[2];
	pthread_t thread;
	struct err err;
	if (len < 1) {
		return 0;
	}
	fuzz_must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	struct sensor_link *link = sensor_link_open(&bus, ends[0], &err);
	fuzz_must(link != NULL);
	struct peer peer = {ends[1], bytes + 1, len - 1 < 4096 ? len - 1 : 4096};
	fuzz_must(pthread_create(&thread, NULL, answer, &peer) == 0);
	ask(link, bytes[0] % 2 == 0 ? REGISTER_HOLDING : REGISTER_INPUT);
	pthread_join(thread, NULL);
	sensor_link_close(link);
	close(ends[1]);
	return 0;
}
