/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/condition.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* printer-state-reasons as registered with IANA (IPP and PWG 5100.9), without suffixes */
static const char registered[] =
	"alert-removal-of-binary-change-entry bander-life-almost-over bander-life-over "
	"bander-missing bander-motor-failure bander-over-temperature "
	"bander-thermistor-failure bander-timing-failure bander-under-temperature "
	"camera-failure cleaner-life-almost-over cleaner-life-over cover-open "
	"die-cutter-life-almost-over die-cutter-lift-over die-cutter-missing "
	"die-cutter-motor-failure die-cutter-over-temperature die-cutter-thermistor-failure "
	"die-cutter-timing-failure die-cutter-under-temperature door-open extruder-failed "
	"extruder-jam fan-failure fax-modem-life-almost-over fax-modem-life-over "
	"fax-modem-missing folder-jam folder-life-almost-over folder-life-over folder-missing "
	"folder-over-temperature folder-thermistor-failure folder-timing-failure "
	"folder-under-temperature fuser-over-temp fuser-under-temp hold-new-jobs "
	"imprinter-jam imprinter-life-almost-over imprinter-life-over imprinter-missing "
	"imprinter-motor-failure imprinter-over-temperature imprinter-thermistor-failure "
	"imprinter-timing-failure imprinter-under-temperature input-cannot-feed-side-selected "
	"input-cannot-feed-size-selected input-manual-input-request input-media-color-change "
	"input-media-form-parts-change input-media-size-change input-media-tray-failure "
	"input-media-tray-feed-error input-media-type-change input-media-weight-change "
	"input-pick-roller-failure input-pick-roller-life-over input-pick-roller-life-warn "
	"input-tray-elevation-failure input-tray-missing input-tray-position-failure "
	"inserter-jam inserter-life-almost-over inserter-life-over inserter-missing "
	"inserter-motor-failure inserter-over-temperature inserter-thermistor-failure "
	"inserter-timing-failure inserter-under-temperature interlock-open "
	"interpreter-cartridge-deleted interpreter-resource-unavailable lamp-at-eol "
	"lamp-failure lamp-near-eol laser-at-eol laser-failure laser-near-eol "
	"make-envelope-jam make-envelope-life-almost-over make-envelope-life-over "
	"make-envelope-missing make-envelope-motor-failure make-envelope-over-temperature "
	"make-envelope-power-saver make-envelope-thermistor-failure "
	"make-envelope-timing-failure make-envelope-under-temperature "
	"marker-adjusting-print-quality marker-cleaner-missing marker-developer-almost-empty "
	"marker-developer-empty marker-developer-missing marker-fuser-missing "
	"marker-fuser-thermistor-failure marker-fuser-timing-failure marker-ink-almost-empty "
	"marker-ink-empty marker-ink-missing marker-opc-missing "
	"marker-print-ribbon-almost-empty marker-print-ribbon-empty "
	"marker-print-ribbon-missing marker-supply-almost-empty marker-supply-empty "
	"marker-supply-low marker-toner-cartridge-missing marker-toner-missing "
	"marker-waste-almost-full marker-waste-full marker-waste-ink-receptacle-almost-full "
	"marker-waste-ink-receptacle-full marker-waste-ink-receptacle-missing "
	"marker-waste-missing marker-waste-toner-receptacle-almost-full "
	"marker-waste-toner-receptacle-full marker-waste-toner-receptacle-missing "
	"material-empty material-low material-needed media-drying media-empty media-jam "
	"media-low media-needed media-path-cannot-duplex-media-selected media-path-failure "
	"media-path-input-empty media-path-input-feed-error media-path-input-jam "
	"media-path-input-request media-path-jam media-path-media-tray-almost-full "
	"media-path-media-tray-full media-path-media-tray-missing "
	"media-path-output-feed-error media-path-output-full media-path-output-jam "
	"media-path-pick-roller-failure media-path-pick-roller-life-over "
	"media-path-pick-roller-life-warn media-path-pick-roller-missing motor-failure "
	"moving-to-paused opc-life-over opc-near-eol other output-area-almost-full "
	"output-area-full output-mailbox-select-failure output-media-tray-failure "
	"output-media-tray-feed-error output-media-tray-jam output-tray-missing paused "
	"perforator-configuration-change perforator-jam perforator-life-almost-over "
	"perforator-life-over perforator-missing perforator-motor-failure "
	"perforator-over-temperature perforator-power-saver perforator-thermistor-failure "
	"perforator-timing-failure perforator-under-temperature platform-failure "
	"printer-manual-reset printer-nms-reset puncher-configuration-change puncher-jam "
	"puncher-life-almost-over puncher-life-over puncher-missing puncher-motor-failure "
	"puncher-over-temperature puncher-power-saver puncher-thermistor-failure "
	"puncher-timing-failure puncher-under-temperature scan-media-path-failure "
	"scan-media-path-input-empty scan-media-path-input-feed-error "
	"scan-media-path-input-jam scan-media-path-input-request scan-media-path-jam "
	"scan-media-path-output-feed-error scan-media-path-output-full "
	"scan-media-path-output-jam scan-media-path-pick-roller-failure "
	"scan-media-path-pick-roller-life-over scan-media-path-pick-roller-life-warn "
	"scan-media-path-pick-roller-missing scan-media-path-tray-almost-full "
	"scan-media-path-tray-full scan-media-path-tray-missing scanner-light-failure "
	"scanner-light-life-almost-over scanner-light-life-over scanner-light-missing "
	"scanner-sensor-failure scanner-sensor-life-almost-over scanner-sensor-life-over "
	"scanner-sensor-missing separation-cutter-configuration-change separation-cutter-jam "
	"separation-cutter-life-almost-over separation-cutter-life-over "
	"separation-cutter-missing separation-cutter-motor-failure "
	"separation-cutter-over-temperature separation-cutter-power-saver "
	"separation-cutter-thermistor-failure separation-cutter-timing-failure "
	"separation-cutter-under-temperature sheet-rotator-configuration-change "
	"sheet-rotator-jam sheet-rotator-life-almost-over sheet-rotator-life-over "
	"sheet-rotator-missing sheet-rotator-motor-failure sheet-rotator-over-temperature "
	"sheet-rotator-power-saver sheet-rotator-thermistor-failure "
	"sheet-rotator-timing-failure sheet-rotator-under-temperature shutdown "
	"slitter-configuration-change slitter-jam slitter-life-almost-over slitter-life-over "
	"slitter-missing slitter-motor-failure slitter-over-temperature slitter-power-saver "
	"slitter-thermistor-failure slitter-timing-failure slitter-under-temperature "
	"spool-area-full stacker-configuration-change stacker-jam stacker-life-almost-over "
	"stacker-life-over stacker-missing stacker-motor-failure stacker-over-temperature "
	"stacker-power-saver stacker-thermistor-failure stacker-timing-failure "
	"stacker-under-temperature stapler-configuration-change stapler-jam "
	"stapler-life-almost-over stapler-life-over stapler-missing stapler-motor-failure "
	"stapler-over-temperature stapler-power-saver stapler-thermistor-failure "
	"stapler-timing-failure stapler-under-temperature stitcher-configuration-change "
	"stitcher-jam stitcher-life-almost-over stitcher-life-over stitcher-missing "
	"stitcher-motor-failure stitcher-over-temperature stitcher-power-saver "
	"stitcher-thermistor-failure stitcher-timing-failure stitcher-under-temperature "
	"stopped-partly subunit-configuration-change subunit-jam subunit-life-almost-over "
	"subunit-life-over subunit-missing subunit-motor-failure subunit-over-temperature "
	"subunit-power-saver subunit-thermistor-failure subunit-timing-failure "
	"subunit-under-temperature timed-out toner-empty toner-low "
	"trimmer-configuration-change trimmer-jam trimmer-life-almost-over trimmer-life-over "
	"trimmer-missing trimmer-motor-failure trimmer-over-temperature trimmer-power-saver "
	"trimmer-thermistor-failure trimmer-timing-failure trimmer-under-temperature "
	"wrapper-configuration-change wrapper-jam wrapper-life-almost-over wrapper-life-over "
	"wrapper-missing wrapper-motor-failure wrapper-over-temperature wrapper-power-saver "
	"wrapper-thermistor-failure wrapper-timing-failure wrapper-under-temperature";

static const char *const suffixes[] = {"", "-report", "-warning", "-error"};

/* The next word of the list, and whether there was one. */
static bool next_word(const char **at, char word[49])
{
	*at += strspn(*at, " ");
	size_t len = strcspn(*at, " ");
	assert_true(len < 49);
	memcpy(word, *at, len);
	word[len] = '\0';
	*at += len;
	return len > 0;
}

static void every_registered_keyword_has_words_whatever_its_suffix(void **state)
{
	(void)state;
	const char *at = registered;
	char word[49], said[DEVICE_REASON_MAX];
	int n = 0;
	for (; next_word(&at, word); n++) {
		struct condition plain;
		condition_of(word, &plain);
		if (!plain.known) {
			fail_msg("%s is not known", word);
		}
		assert_string_equal(plain.keyword, word);
		assert_true(plain.says[0] != '\0');
		for (size_t i = 0; i < COUNT(suffixes); i++) {
			struct condition with;
			snprintf(said, sizeof said, "%s%s", word, suffixes[i]);
			condition_of(said, &with);
			assert_true(with.known);
			assert_int_equal(with.effect, plain.effect);
			assert_string_equal(with.keyword, word);
			assert_string_equal(with.says, plain.says);
		}
	}
	assert_true(n > 300);
}

static void what_needs_a_person_says_what_to_do(void **state)
{
	(void)state;
	const char *at = registered;
	char word[49];
	while (next_word(&at, word)) {
		struct condition condition;
		condition_of(word, &condition);
		bool wants = condition.effect == EFFECT_SOON || condition.effect >= EFFECT_HANDS;
		assert_true(condition.effect < EFFECT_WAIT || strlen(word) < ERR_CODE_MAX);
		if (wants != (condition.action[0] != '\0')) {
			fail_msg("%s: %s, \"%s\"", word, effect_name(condition.effect),
				condition.action);
		}
	}
}

static void keywords_do_to_the_line_what_they_mean(void **state)
{
	(void)state;
	static const struct {
		const char *reason;
		enum effect effect;
		const char *says;
	} cases[] = {
		{"media-jam-warning", EFFECT_HANDS, "has a paper jam"},
		{"media-empty-report", EFFECT_HANDS, "is out of paper"},
		{"media-low", EFFECT_SOON, "is low on paper"},
		{"marker-waste-full", EFFECT_HANDS, "has a full waste box"},
		{"marker-waste-almost-full", EFFECT_SOON, "has an almost full waste box"},
		{"marker-waste-ink-receptacle-full-error", EFFECT_HANDS,
			"has a full waste ink box"},
		{"input-media-tray-feed-error", EFFECT_HANDS,
			"could not feed through its paper tray"},
		{"media-path-output-feed-error-error", EFFECT_HANDS,
			"could not feed through its paper path"},
		{"separation-cutter-jam", EFFECT_HANDS, "has a jam in its cutter"},
		{"separation-cutter-life-over", EFFECT_SOON, "has a worn cutter"},
		{"trimmer-motor-failure", EFFECT_REPAIR, "has a broken motor in its trimmer"},
		{"marker-over-temperature", EFFECT_WAIT, "lets its print head cool down"},
		{"fuser-under-temp", EFFECT_WAIT, "warms up"},
		{"fan-failure-error", EFFECT_REPAIR, "has a broken fan"},
		{"stapler-interlock-open", EFFECT_HANDS, "has its stapler open"},
		{"scan-media-path-jam", EFFECT_TELL, "has a jam in its scanner's paper path"},
		{"paused", EFFECT_HANDS, "was paused at the printer or its queue"},
		{"standby-report", EFFECT_TELL, "sleeps until it prints"},
		{"connecting-to-device", EFFECT_TELL, "is being reached by its queue"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct condition condition;
		condition_of(cases[i].reason, &condition);
		assert_string_equal(condition.says, cases[i].says);
		assert_int_equal(condition.effect, cases[i].effect);
	}
}

static void an_unknown_keyword_is_told_as_it_is(void **state)
{
	(void)state;
	static const char *const reasons[] = {"com.example.flux-low-warning", "media-jammed",
		"media", "marker-", "-error", "xmedia-jam", "stapler-jam-jam"};
	for (size_t i = 0; i < COUNT(reasons); i++) {
		struct condition condition;
		condition_of(reasons[i], &condition);
		assert_false(condition.known);
		assert_int_equal(condition.effect, EFFECT_TELL);
		assert_non_null(strstr(condition.says, condition.keyword));
	}
}

static void a_keyword_of_any_length_is_cut_and_told(void **state)
{
	(void)state;
	char reason[400];
	struct condition condition;
	memset(reason, 'm', sizeof reason);
	reason[sizeof reason - 1] = '\0';
	condition_of(reason, &condition);
	assert_false(condition.known);
	assert_true(strlen(condition.keyword) < sizeof condition.keyword);
}

static struct device_status says(const char *a, const char *b)
{
	struct device_status status = {.state = DEVICE_IDLE, .accepting = true, .n_reasons = 2};
	text_copy(status.reasons[0], sizeof status.reasons[0], a);
	text_copy(status.reasons[1], sizeof status.reasons[1], b);
	return status;
}

static void the_worst_of_what_it_says_decides(void **state)
{
	(void)state;
	struct err err;
	struct device_status status = says("media-low", "cover-open-warning");
	assert_false(condition_lets_print("P1", &status, &err));
	assert_string_equal(err.text, "P1 has its cover open: close it");
	assert_string_equal(err.code, "cover-open");
	assert_int_equal(err.remedy, REMEDY_ATTEND);
	status = says("cover-open", "motor-failure");
	assert_false(condition_lets_print("P1", &status, &err));
	assert_string_equal(err.text, "P1 has a broken motor: have it repaired");
	status = says("media-low-report", "toner-low");
	assert_true(condition_lets_print("P1", &status, &err));
}

static void what_ends_by_itself_says_so(void **state)
{
	(void)state;
	struct err err;
	struct device_status status = says("marker-warming-up", "media-low");
	assert_false(condition_lets_print("P1", &status, &err));
	assert_string_equal(err.text, "P1 warms its print head up; it goes on by itself");
	assert_int_equal(err.remedy, REMEDY_RETRY);
}

static void a_stopped_printer_tells_its_own_words(void **state)
{
	(void)state;
	struct err err;
	struct device_status status = says("com.example.flux", "media-low");
	status.state = DEVICE_STOPPED;
	assert_false(condition_lets_print("P1", &status, &err));
	assert_string_equal(err.text, "P1 has stopped (com.example.flux): look at its display");
	text_copy(status.message, sizeof status.message, "Flux low");
	assert_false(condition_lets_print("P1", &status, &err));
	assert_string_equal(err.text, "P1 has stopped (Flux low): look at its display");
	status.state = DEVICE_IDLE;
	status.accepting = false;
	assert_false(condition_lets_print("P1", &status, &err));
	assert_string_equal(err.code, "printer-rejecting");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_registered_keyword_has_words_whatever_its_suffix),
		cmocka_unit_test(what_needs_a_person_says_what_to_do),
		cmocka_unit_test(keywords_do_to_the_line_what_they_mean),
		cmocka_unit_test(an_unknown_keyword_is_told_as_it_is),
		cmocka_unit_test(a_keyword_of_any_length_is_cut_and_told),
		cmocka_unit_test(the_worst_of_what_it_says_decides),
		cmocka_unit_test(what_ends_by_itself_says_so),
		cmocka_unit_test(a_stopped_printer_tells_its_own_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
