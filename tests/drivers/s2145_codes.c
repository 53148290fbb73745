/* SPDX-License-Identifier: Apache-2.0
 *
 * The S2145's numbers and bytes: each has words and an effect, and no byte is believed unseen.
 */
#include "drivers/s2145_table.h"
#include "rules/condition.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static void expect_known(const char *keyword, enum effect least)
{
	struct condition condition;
	condition_of(keyword, &condition);
	if (!condition.known || condition.effect < least) {
		fail_msg("%s: %s", keyword,
			condition.known ? effect_name(condition.effect) : "unknown");
	}
}

static void every_state_has_words_and_an_effect(void **state)
{
	static const uint8_t waits[] = {0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37};
	static const uint8_t prints[] = {
		0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C};
	(void)state;
	for (size_t i = 0; i < sizeof waits; i++) {
		const struct s2145_doing *doing = s2145_doing_of(waits[i]);
		assert_int_equal(doing->code, waits[i]);
		assert_true(doing->state != DEVICE_IDLE && strlen(doing->says) > 4);
		expect_known(doing->keyword, EFFECT_WAIT);
	}
	for (size_t i = 0; i < sizeof prints; i++) {
		const struct s2145_doing *doing = s2145_doing_of(prints[i]);
		assert_int_equal(doing->code, prints[i]);
		assert_true(doing->state == DEVICE_PROCESSING && doing->keyword == NULL);
		assert_true(strlen(doing->says) > 4);
	}
	assert_int_equal(s2145_doing_of(0x00)->state, DEVICE_IDLE);
	assert_int_equal(s2145_doing_of(0x6D)->state, DEVICE_IDLE);
	assert_int_equal(s2145_doing_of(0x99)->state, DEVICE_PROCESSING); /* nobody knows it */
}

static void every_fault_has_words_and_an_effect(void **state)
{
	(void)state;
	for (unsigned number = 0; number <= 0xFFFF; number++) {
		const struct s2145_fault *fault =
			s2145_fault_of((uint8_t)(number >> 8), (uint8_t)number);
		struct device_status status; /* where it must fit, with its number */
		assert_true(strlen(fault->says) > 15);
		assert_true(strlen(fault->says) + strlen(" (FF-FF)") < sizeof status.message);
		expect_known(fault->keyword, EFFECT_WAIT);
	}
}

static void faults_are_what_they_are(void **state)
{
	static const struct {
		uint8_t major, minor;
		enum effect effect;
		const char *keyword;
	} some[] = {
		{0x01, 0x02, EFFECT_REPAIR, "subunit-failure"},
		{0x02, 0x01, EFFECT_REPAIR, "motor-failure"},
		{0x02, 0x09, EFFECT_REPAIR, "separation-cutter-failure"},
		{0x03, 0x02, EFFECT_REPAIR, "media-path-thermistor-failure"},
		{0x04, 0x01, EFFECT_WAIT, "marker-over-temperature"},
		{0x05, 0x01, EFFECT_HANDS, "media-jam"},
		{0x05, 0x4A, EFFECT_HANDS, "marker-print-ribbon-jam"},
		{0x06, 0x01, EFFECT_HANDS, "cover-open"},
		{0x06, 0x02, EFFECT_HANDS, "marker-print-ribbon-needed"},
		{0x06, 0x03, EFFECT_HANDS, "marker-print-ribbon-empty"},
		{0x06, 0x05, EFFECT_HANDS, "media-needed"},
		{0x06, 0x06, EFFECT_HANDS, "media-empty"},
		{0x06, 0x09, EFFECT_HANDS, "media-path-jam"},
		{0x06, 0x0B, EFFECT_REPAIR, "marker-failure"},
		{0x77, 0x77, EFFECT_HANDS, "media-path-recoverable-failure"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
		struct condition condition;
		const struct s2145_fault *fault = s2145_fault_of(some[i].major, some[i].minor);
		assert_string_equal(fault->keyword, some[i].keyword);
		condition_of(fault->keyword, &condition);
		assert_int_equal(condition.effect, some[i].effect);
	}
}

static void every_refusal_has_a_remedy_and_words(void **state)
{
	(void)state;
	for (unsigned error = 0; error <= 0xFF; error++) {
		const struct s2145_refusal *why = s2145_refusal_of((uint8_t)error);
		assert_true(why->remedy == REMEDY_RETRY || why->remedy == REMEDY_ATTEND);
		assert_true(strlen(why->says) > 10 && why->code[0] != '\0');
	}
}

/* ---- bytes ---- */

static void commands_are_these_bytes(void **state)
{
	static const struct s2145_job job = {.id = 5,
		.copies = 300,
		.medium = {.code = 6, .columns = 1844, .rows = 2492, .method = 2},
		.overcoat = 4};
	static const uint8_t print[] = {
		0x01, 0x40, 10, 0, 5, 0x2C, 0x01, 0x34, 0x07, 0xBC, 0x09, 6, 4, 2};
	static const uint8_t query[] = {0x01, 0x00, 0, 0};
	static const uint8_t cancel[] = {0x02, 0x40, 1, 0, 127};
	static const uint8_t id = 127;
	uint8_t out[S2145_COMMAND_MAX];
	(void)state;
	assert_int_equal(s2145_print_command(&job, out), sizeof print);
	assert_memory_equal(out, print, sizeof print);
	assert_int_equal(s2145_command(S2145_STATUS, NULL, 0, out), sizeof query);
	assert_memory_equal(out, query, sizeof query);
	assert_int_equal(s2145_command(S2145_CANCEL, &id, 1, out), sizeof cancel);
	assert_memory_equal(out, cancel, sizeof cancel);
}

static void a_state_is_read_from_its_bytes(void **state)
{
	static const uint8_t head_bytes[] = {1, 0x11, 6, 1, 0, 0, 0, 0x63, 41, 0};
	static const uint8_t payload[41] = {0x78, 0x56, 0x34, 0x12, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0,
		0, 5, 0, 0, 0, 6, 1, 0, 0, /* banks */ 9, 127, 1, 0, 2, 0, 3, 0, 2, 1, 0, 0, 1, 0,
		7, 1, 2};
	struct s2145_head head;
	struct s2145_state read;
	(void)state;
	assert_true(s2145_take_head(head_bytes, &head));
	assert_true(head.ok && s2145_is_broken(&head) && head.payload_bytes == 41);
	assert_true(head.state == 0x63 && head.major == 6 && head.minor == 1);
	assert_true(s2145_take_state(&head, payload, 41, &read));
	assert_true(read.counts && read.lifetime == 0x12345678 && read.maintenance == 2);
	assert_true(read.paper == 3 && read.cutter == 4 && read.print_head == 5);
	assert_true(read.ribbon_left == 262 && read.tone == 2);
	assert_true(read.banks[0].id == 9 && read.banks[0].remaining == 1);
	assert_true(read.banks[0].finished == 2 && read.banks[0].specified == 3);
	assert_true(read.banks[0].state == S2145_BANK_FULL);
	assert_true(read.banks[1].id == 127 && read.banks[1].finished == 256);
	assert_true(read.banks[1].specified == 1792 && read.banks[1].state == S2145_BANK_FILLS);
	assert_int_equal(s2145_banks_used(&read), 2);
	assert_int_equal(s2145_bank_of(&read, 127), 1);
	assert_int_equal(s2145_bank_of(&read, 1), -1);
	assert_int_equal(s2145_bank_of(&read, 0), -1);
	for (size_t n = 1; n < 41; n++) {
		assert_false(s2145_take_state(&head, payload, n, &read));
	}
	assert_true(s2145_take_state(&head, payload, 0, &read));
	assert_false(read.counts);
}

/* A bank in use counts before one that had the same number once. */
static void a_bank_in_use_is_the_one(void **state)
{
	struct s2145_state read = {.banks = {{.id = 3, .state = S2145_BANK_FREE},
					   {.id = 3, .state = S2145_BANK_FULL}}};
	(void)state;
	assert_int_equal(s2145_bank_of(&read, 3), 1);
	read.banks[0].state = S2145_BANK_FULL;
	read.banks[1].state = S2145_BANK_FREE;
	assert_int_equal(s2145_bank_of(&read, 3), 0);
}

static void lists_and_texts_end_where_they_end(void **state)
{
	uint8_t list[101] = {2, 0, 0x34, 7, 0xD8, 4, 1, 0, 0, 0, 0, 7, 0, 0, 0, 0};
	struct s2145_media media;
	char name[S2145_NAME_MAX];
	uint8_t model[48] = "12345678CHC\x1b[31m-S2145";
	(void)state;
	assert_true(s2145_take_media(list, sizeof list, &media));
	assert_int_equal(media.n, 1); /* the second has no size */
	assert_true(media.list[0].columns == 1844 && media.list[0].rows == 1240);
	assert_true(s2145_take_media(list, 21, &media));
	assert_false(s2145_take_media(list, 20, &media));
	assert_false(s2145_take_media(list, 0, &media));
	list[0] = S2145_MEDIA_MAX + 1;
	assert_false(s2145_take_media(list, sizeof list, &media));
	assert_int_equal(media.n, 0);
	assert_true(s2145_take_model(model, sizeof model, name));
	assert_null(strchr(name, 0x1b));
	assert_false(s2145_take_model(model, 47, name));
	memset(model, 'x', sizeof model);
	assert_true(s2145_take_unique(model, 24, name));
	assert_int_equal(strlen(name), 24);
	assert_false(s2145_take_unique(model, 25, name));
	assert_true(s2145_take_unique(model, 0, name));
	assert_string_equal(name, "");
}

static void heads_that_promise_too_much_are_refused(void **state)
{
	uint8_t bytes[S2145_HEAD_BYTES] = {1};
	struct s2145_head head;
	(void)state;
	for (unsigned n = 0; n <= 0xFFFF; n++) {
		bytes[8] = (uint8_t)n;
		bytes[9] = (uint8_t)(n >> 8);
		assert_int_equal(
			s2145_take_head(bytes, &head), n <= S2145_REPLY_MAX - S2145_HEAD_BYTES);
	}
	for (unsigned result = 0; result <= 0xFF; result++) {
		uint8_t other[S2145_HEAD_BYTES] = {(uint8_t)result};
		assert_int_equal(s2145_take_head(other, &head), result == 1 || result == 2);
		assert_int_equal(head.ok, result == 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_has_words_and_an_effect),
		cmocka_unit_test(every_fault_has_words_and_an_effect),
		cmocka_unit_test(faults_are_what_they_are),
		cmocka_unit_test(every_refusal_has_a_remedy_and_words),
		cmocka_unit_test(commands_are_these_bytes),
		cmocka_unit_test(a_state_is_read_from_its_bytes),
		cmocka_unit_test(a_bank_in_use_is_the_one),
		cmocka_unit_test(lists_and_texts_end_where_they_end),
		cmocka_unit_test(heads_that_promise_too_much_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
