/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a fuzz target as a plain test: every seed of tests/fuzz/corpus/TARGET, and a fixed sequence
 * of changes to each. With arguments: those files alone, as they are (to look at a crash).
 */
#include "tests/fuzz/fuzz.h"
#include "base/file.h"
#include "base/mem.h"
#include <string.h>

#define CHANGES   300
#define SEED_MAX  (1024 * 1024)
#define GROWN_MAX (64 * 1024)

static uint64_t chance(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* In memory of just that size, so that a sanitizer sees the first byte read too far. */
static void run(const char *bytes, size_t len)
{
	uint8_t *exact = malloc(len > 0 ? len : 1);
	fuzz_must(exact != NULL);
	if (len > 0) {
		memcpy(exact, bytes, len);
	}
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
}

/* One small change: a bit, a byte of the kind that parsers trip over, a cut, a piece doubled. */
static size_t change(char *bytes, size_t len, uint64_t *state)
{
	static const char nasty[] = "{}[]\",:\\=\n\0\xff\x80/*'#$-0";
	size_t at = len > 0 ? chance(state) % len : 0;
	size_t piece = len > at ? chance(state) % (len - at) % 64 : 0;
	switch (chance(state) % 5) {
	case 0:
		bytes[at] = (char)(bytes[at] ^ (1 << chance(state) % 8));
		return len;
	case 1:
		bytes[at] = nasty[chance(state) % (sizeof nasty - 1)];
		return len;
	case 2:
		return at;
	case 3:
		memmove(bytes + at, bytes + at + piece, len - at - piece);
		return len - piece;
	default:
		if (len + piece > GROWN_MAX) {
			return len;
		}
		memmove(bytes + at + piece, bytes + at, len - at);
		return len + piece;
	}
}

static int run_changed(const struct buf *seed)
{
	uint64_t state = 0x9e3779b97f4a7c15 + seed->len;
	size_t room = (seed->len > GROWN_MAX ? seed->len : GROWN_MAX) + 1;
	char *bytes = mem_new(room, 1);
	int n = 0;
	while (n < CHANGES) {
		/* from the seed anew, then one to eight changes on top of each other */
		size_t len = seed->len;
		memcpy(bytes, buf_get(seed), len);
		for (uint64_t left = chance(&state) % 8 + 1; left > 0; left--) {
			len = change(bytes, len, &state);
		}
		run(bytes, len);
		n++;
	}
	free(bytes);
	return n;
}

static bool replay(const char *path, bool changed, int *runs)
{
	struct buf seed = {0};
	struct err err;
	bool fine = file_read(path, SEED_MAX, &seed, &err);
	if (fine) {
		fprintf(stderr, "# %s\n", path); /* told first: a crash then names its seed */
		run(buf_get(&seed), seed.len);
		*runs += 1 + (changed ? run_changed(&seed) : 0);
	} else {
		fprintf(stderr, "# %s\n", err.text);
	}
	buf_fini(&seed);
	return fine;
}

int main(int argc, char **argv)
{
	int runs = 0;
	bool fine = true;
	for (int i = 1; i < argc; i++) {
		fine = replay(argv[i], false, &runs) && fine;
	}
	if (argc > 1) {
		return fine ? 0 : 1;
	}
	const char *root = getenv("PLATEN_SRC");
	char folder[1024];
	snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", root == NULL ? "." : root,
		FUZZ_TARGET);
	struct names names;
	struct err err;
	if (!folder_names(folder, "", &names, &err)) {
		printf("1..1\nnot ok 1 - %s\n", err.text);
		return 1;
	}
	for (size_t i = 0; i < names.n; i++) {
		char path[2048];
		snprintf(path, sizeof path, "%s/%s", folder, names.name[i]);
		fine = replay(path, true, &runs) && fine;
	}
	fine = fine && names.n > 0;
	printf("1..1\n%sok 1 - %s survives %d texts from %zu seeds\n", fine ? "" : "not ",
		FUZZ_TARGET, runs, names.n);
	names_fini(&names);
	return fine ? 0 : 1;
}
