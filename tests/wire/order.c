/* SPDX-License-Identifier: Apache-2.0
 *
 * The order API's bodies: a table of bad ones, each of which is refused by a sentence that names
 * the member; and good ones, which come through whole.
 */
#include "wire/order.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHA    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TRACE  "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
#define LONG64 "0123456789012345678901234567890123456789012345678901234567890123"

static const char good[] =
	"{\"job\":\"j-1\",\"epoch\":3,\"revision\":2,\"ttl_s\":120,\"priority\":70,\"due_in_s\":"
	"5400,"
	"\"product\":{\"sku\":\"4x6-glossy\",\"copies\":2,\"width_hmm\":10160,\"height_hmm\":15240,"
	"\"border_hmm\":0,\"finish\":\"glossy\",\"version\":3,\"duplicates_policy\":\"reprint\"},"
	"\"pages\":[{\"asset\":{\"id\":\"a-1\",\"sha256\":\"" SHA "\",\"bytes\":3481729,"
	"\"media_type\":\"image/jpeg\",\"url\":\"https://a.example/v1/assets/1?sig=x\","
	"\"expires_in_s\":900},\"options\":{\"crop\":{\"x\":0.1,\"y\":0,\"width\":0.8,\"height\":1}"
	","
	"\"fit\":\"fill\",\"rotate_degrees\":90,\"intent\":\"perceptual\"}},"
	"{\"asset\":{\"id\":\"a-2\",\"sha256\":\"" SHA
	"\",\"bytes\":1,\"media_type\":\"image/png\"}}],"
	"\"label\":\"Anna M.\",\"parent\":\"j-0\",\"traceparent\":\"" TRACE "\","
	"\"order\":{\"id\":\"o-1\",\"ref\":\"A-1042\",\"jobs_total\":3,\"jobs_elsewhere\":1,"
	"\"leave_by_in_s\":7200,\"handover\":\"ship\",\"private\":true},\"surprise\":{\"a\":[1]}}";

static const char session[] =
	"{\"session\":\"s-1\",\"ttl_s\":120,\"heartbeat_s\":30,\"poll_wait_s\":25,"
	"\"batch_events\":100,\"jobs\":[{\"job\":\"j-1\",\"verdict\":\"resend\",\"resend_from\":3}]"
	","
	"\"missed\":[{\"job\":\"j-2\",\"epoch\":1,\"state\":\"leased\",\"seq\":2}]}";
static const char closed[] =
	"{\"jobs\":[{\"job\":\"j-1\",\"verdict\":\"resend\",\"resend_from\":3}]}";
static const char extend[] =
	"{\"jobs\":[{\"job\":\"j-1\",\"epoch\":2,\"ttl_s\":120,\"action\":\"none\"}]}";
static const char start[] = "{\"jobs\":[{\"job\":\"j-1\",\"epoch\":2,\"verdict\":\"granted\"}]}";
static const char release[] = "{\"jobs\":[{\"job\":\"j-1\",\"epoch\":2,\"verdict\":\"ok\"}]}";
static const char sign[] = "{\"url\":\"https://a.example/x\",\"expires_in_s\":900}";
static const char token[] =
	"{\"token\":\"abc.def\",\"token_type\":\"Bearer\",\"expires_in_s\":3600}";
static const char events[] = "{\"events\":[{\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"fate\":\"gap\","
			     "\"expected\":4}],\"acked\":[]}";

struct change {            /* one thing changed in a good body, and what the refusal must say */
	const char *path;  /* "pages.0.asset.sha256" */
	const char *value; /* JSON; NULL: taken out */
	const char *says;
};

/* clang-format off */
static const struct change lease_changes[] = {
	{"", "[]", "object"}, {"", "7", "object"}, {"", "\"x\"", "object"},
	{"job", NULL, "\"job\" is missing"}, {"job", "null", "\"job\" is missing"}, {"job", "7", "\"job\" must be a text"},
	{"job", "\"\"", "\"job\""}, {"job", "\".hidden\"", "\"job\""}, {"job", "\"a/b\"", "\"job\""},
	{"job", "\"a b\"", "\"job\""}, {"job", "\"\\n\"", "\"job\""}, {"job", "\"\\u00e9\"", "\"job\""},
	{"job", "\"" LONG64 "x\"", "\"job\" is over 64 bytes"}, {"job", "[\"j\"]", "\"job\""}, {"job", "\"..\\/..\\/etc\"", "\"job\""},
	{"epoch", NULL, "\"epoch\" is missing"}, {"epoch", "0", "\"epoch\" is 0"}, {"epoch", "-1", "\"epoch\" is -1"},
	{"epoch", "1.5", "\"epoch\" must be a whole"}, {"epoch", "\"3\"", "\"epoch\""}, {"epoch", "9223372036854775807", "\"epoch\""},
	{"epoch", "true", "\"epoch\""}, {"epoch", "1e3", "\"epoch\""},
	{"revision", NULL, "\"revision\" is missing"}, {"revision", "0", "\"revision\""}, {"revision", "{}", "\"revision\""},
	{"revision", "1000000000000001", "\"revision\""},
	{"ttl_s", NULL, "\"ttl_s\" is missing"}, {"ttl_s", "0", "\"ttl_s\""}, {"ttl_s", "-5", "\"ttl_s\""},
	{"ttl_s", "604801", "\"ttl_s\""}, {"ttl_s", "\"120\"", "\"ttl_s\""},
	{"priority", "-1", "\"priority\""}, {"priority", "101", "\"priority\""}, {"priority", "\"high\"", "\"priority\""},
	{"priority", "4294967346", "\"priority\""}, {"priority", "50.5", "\"priority\""},
	{"due_in_s", "\"soon\"", "\"due_in_s\""}, {"due_in_s", "1e99", "\"due_in_s\""}, {"due_in_s", "99999999999", "\"due_in_s\""},
	{"due_in_s", "-99999999999", "\"due_in_s\""}, {"due_in_s", "[]", "\"due_in_s\""},
	{"label", "7", "\"label\""}, {"label", "\"" LONG64 "x\"", "\"label\""}, {"label", "{}", "\"label\""},
	{"parent", "7", "\"parent\""}, {"parent", "\"a/b\"", "\"parent\""}, {"parent", "\"\"", "\"parent\""},
	{"product", NULL, "\"product\" is missing"}, {"product", "[]", "\"product\""}, {"product", "\"4x6\"", "\"product\""},
	{"product", "{}", "product: \"sku\""}, {"product.sku", NULL, "product: \"sku\" is missing"}, {"product.sku", "\"\"", "product: \"sku\""},
	{"product.sku", "46", "product: \"sku\""}, {"product.sku", "\"4x6\\u0007\"", "product: \"sku\""},
	{"product.sku", "\"4x6\\u007f\"", "product: \"sku\""}, {"product.sku", "\"0123456789012345678901234567890123456789012345678\"", "product: \"sku\""},
	{"product.copies", NULL, "product: \"copies\" is missing"}, {"product.copies", "0", "product: \"copies\""},
	{"product.copies", "-2", "product: \"copies\""}, {"product.copies", "10000", "product: \"copies\""},
	{"product.copies", "4294967298", "product: \"copies\""}, {"product.copies", "2.0", "product: \"copies\""}, {"product.copies", "\"2\"", "product: \"copies\""},
	{"product.width_hmm", "0", "product: \"width_hmm\""}, {"product.width_hmm", "500001", "product: \"width_hmm\""}, {"product.width_hmm", "101.6", "product: \"width_hmm\""},
	{"product.height_hmm", "-1", "product: \"height_hmm\""}, {"product.height_hmm", "\"6in\"", "product: \"height_hmm\""},
	{"product.border_hmm", "-1", "product: \"border_hmm\""}, {"product.border_hmm", "true", "product: \"border_hmm\""},
	{"product.finish", "1", "product: \"finish\""}, {"product.finish", "\"glossyglossyglossy\"", "product: \"finish\""},
	{"product.duplicates_policy", "\"maybe\"", "\"duplicates_policy\" is \"maybe\""}, {"product.duplicates_policy", "\"Hold\"", "\"duplicates_policy\""},
	{"product.duplicates_policy", "0", "\"duplicates_policy\""}, {"product.duplicates_policy", "\"\"", "\"duplicates_policy\""},
	{"pages", NULL, "\"pages\" is missing"}, {"pages", "{}", "\"pages\""}, {"pages", "[]", "\"pages\" is empty"}, {"pages", "[1]", "pages[0]"},
	{"pages", "[null]", "pages[0]"}, {"pages", "[{}]", "pages[0]: \"asset\" is missing"},
	{"pages", "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]", "\"pages\" has 33"},
	{"pages.1.asset", NULL, "pages[1]: \"asset\" is missing"}, {"pages.1.asset", "\"a-2\"", "pages[1]: \"asset\""},
	{"pages.1.asset", "{}", "pages[1]: asset: \"id\""}, {"pages.0.asset.id", "\"../x\"", "pages[0]: asset: \"id\""},
	{"pages.0.asset.id", "7", "pages[0]: asset: \"id\""}, {"pages.0.asset.id", NULL, "pages[0]: asset: \"id\" is missing"},
	{"pages.0.asset.sha256", NULL, "asset: \"sha256\" is missing"}, {"pages.0.asset.sha256", "\"\"", "asset: \"sha256\""},
	{"pages.0.asset.sha256", "\"0123\"", "asset: \"sha256\""}, {"pages.0.asset.sha256", "\"" SHA "0\"", "asset: \"sha256\""},
	{"pages.0.asset.sha256", "\"0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\"", "asset: \"sha256\""},
	{"pages.0.asset.sha256", "\"g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"", "asset: \"sha256\""},
	{"pages.0.asset.sha256", "\"../../../../../../../../../../../../../../../../../../etc/passwd\"", "asset: \"sha256\""},
	{"pages.0.asset.sha256", "5", "asset: \"sha256\""},
	{"pages.0.asset.bytes", NULL, "asset: \"bytes\" is missing"}, {"pages.0.asset.bytes", "0", "asset: \"bytes\""}, {"pages.0.asset.bytes", "-1", "asset: \"bytes\""},
	{"pages.0.asset.bytes", "10737418241", "asset: \"bytes\""}, {"pages.0.asset.bytes", "9223372036854775807", "asset: \"bytes\""}, {"pages.0.asset.bytes", "\"1\"", "asset: \"bytes\""},
	{"pages.0.asset.media_type", NULL, "\"media_type\" is missing"}, {"pages.0.asset.media_type", "\"jpeg\"", "\"media_type\""}, {"pages.0.asset.media_type", "\"image/\"", "\"media_type\""},
	{"pages.0.asset.media_type", "\"/jpeg\"", "\"media_type\""}, {"pages.0.asset.media_type", "\"image/jpeg; q=1\"", "\"media_type\""}, {"pages.0.asset.media_type", "\"\"", "\"media_type\""},
	{"pages.0.asset.media_type", "\"image/jpeg\\r\\nX: y\"", "\"media_type\""}, {"pages.0.asset.media_type", "\"image/../jpeg\"", "\"media_type\""},
	{"pages.0.asset.media_type", "\"application/vnd.openxmlformats-officedocument\"", "\"media_type\""},
	{"pages.0.asset.url", "\"http://a.example/x\"", "\"url\" must be an https"}, {"pages.0.asset.url", "\"file:///etc/passwd\"", "\"url\""},
	{"pages.0.asset.url", "\"https://\"", "\"url\""}, {"pages.0.asset.url", "\"https:///x\"", "\"url\""}, {"pages.0.asset.url", "\"HTTPS://a.example/\"", "\"url\""},
	{"pages.0.asset.url", "\"https://a.example/ x\"", "\"url\""}, {"pages.0.asset.url", "\"https://a.example/\\r\\n\"", "\"url\""}, {"pages.0.asset.url", "\"https://\\u00e4.example/\"", "\"url\""},
	{"pages.0.asset.url", "\" https://a.example/\"", "\"url\""}, {"pages.0.asset.url", "\"//a.example/\"", "\"url\""}, {"pages.0.asset.url", "7", "\"url\""},
	{"pages.0.asset.url", "\"gopher://a.example/\"", "\"url\""}, {"pages.0.asset.url", "\"javascript:alert(1)\"", "\"url\""},
	{"pages.0.asset.expires_in_s", "-1", "\"expires_in_s\""}, {"pages.0.asset.expires_in_s", "\"x\"", "\"expires_in_s\""}, {"pages.0.asset.expires_in_s", "315360001", "\"expires_in_s\""},
	{"pages.0.options", "[]", "pages[0]: \"options\""}, {"pages.0.options", "\"fill\"", "pages[0]: \"options\""},
	{"pages.0.options.fit", "\"stretch\"", "\"fit\""}, {"pages.0.options.fit", "1", "\"fit\""},
	{"pages.0.options.intent", "\"vivid\"", "\"intent\""}, {"pages.0.options.intent", "[]", "\"intent\""},
	{"pages.0.options.rotate_degrees", "45", "\"rotate_degrees\""}, {"pages.0.options.rotate_degrees", "-90", "\"rotate_degrees\""}, {"pages.0.options.rotate_degrees", "360", "\"rotate_degrees\""},
	{"pages.0.options.crop", "[]", "\"crop\""}, {"pages.0.options.crop.y", "\"0\"", "crop"}, {"pages.0.options.crop.x", "-0.1", "\"x\""}, {"pages.0.options.crop.x", "1.1", "\"x\""},
	{"pages.0.options.crop.width", "0", "\"width\""}, {"pages.0.options.crop.width", "2", "\"width\""}, {"pages.0.options.crop.width", "0.95", "crop"}, {"pages.0.options.crop.height", "\"1\"", "\"height\""},
	{"order", NULL, "\"order\" is missing"}, {"order", "[]", "\"order\""}, {"order", "\"o-1\"", "\"order\""}, {"order", "{}", "order: \"id\""},
	{"order.id", "\"\"", "order: \"id\""}, {"order.id", "1", "order: \"id\""}, {"order.ref", "1", "order: \"ref\""}, {"order.ref", "\"" LONG64 "x\"", "order: \"ref\""},
	{"order.jobs_total", "-1", "order: \"jobs_total\""}, {"order.jobs_total", "4294967297", "order: \"jobs_total\""}, {"order.jobs_elsewhere", "\"1\"", "order: \"jobs_elsewhere\""},
	{"order.leave_by_in_s", "\"noon\"", "order: \"leave_by_in_s\""}, {"order.leave_by_in_s", "99999999999", "order: \"leave_by_in_s\""},
	{"order.handover", "\"boat\"", "order: \"handover\" is \"boat\""}, {"order.handover", "2", "order: \"handover\""}, {"order.private", "1", "order: \"private\""}, {"order.private", "\"yes\"", "order: \"private\""},
};

static const struct change session_changes[] = {
	{"", "[]", "object"}, {"session", NULL, "\"session\" is missing"}, {"session", "\"a b\"", "\"session\""}, {"session", "\"a\\r\\nHost: x\"", "\"session\""},
	{"ttl_s", NULL, "\"ttl_s\""}, {"ttl_s", "0", "\"ttl_s\""}, {"ttl_s", "9999999", "\"ttl_s\""}, {"heartbeat_s", NULL, "\"heartbeat_s\""}, {"heartbeat_s", "0", "\"heartbeat_s\""},
	{"heartbeat_s", "\"30\"", "\"heartbeat_s\""}, {"poll_wait_s", "-1", "\"poll_wait_s\""}, {"poll_wait_s", "301", "\"poll_wait_s\""}, {"batch_events", "0", "\"batch_events\""},
	{"batch_events", "501", "\"batch_events\""}, {"jobs", NULL, "\"jobs\" is missing"}, {"jobs", "{}", "\"jobs\""}, {"missed", "7", "\"missed\""},
};
static const struct change session_items[] = {
	{"missed.0", "1", "missed[0]"}, {"missed.0.job", NULL, "missed[0]: \"job\""}, {"missed.0.epoch", NULL, "missed[0]: \"epoch\""}, {"missed.0.epoch", "0", "missed[0]: \"epoch\""},
	{"missed.0.state", NULL, "missed[0]: \"state\""}, {"missed.0.state", "\"printed\"", "missed[0]: \"state\" is \"printed\""}, {"missed.0.seq", "-1", "missed[0]: \"seq\""},
	{"jobs.0", "1", "jobs[0]"}, {"jobs.0.job", NULL, "jobs[0]: \"job\""}, {"jobs.0.verdict", NULL, "jobs[0]: \"verdict\""}, {"jobs.0.verdict", "\"perhaps\"", "jobs[0]: \"verdict\" is \"perhaps\""},
	{"jobs.0.resend_from", NULL, "jobs[0]: \"resend_from\""}, {"jobs.0.resend_from", "0", "jobs[0]: \"resend_from\""},
};
static const struct change closed_changes[] = {
	{"", "[]", "object"}, {"jobs", NULL, "\"jobs\" is missing"}, {"jobs", "7", "\"jobs\""},
};
static const struct change closed_items[] = {
	{"jobs.0", "null", "jobs[0]"}, {"jobs.0.job", "\"a b\"", "jobs[0]: \"job\""}, {"jobs.0.verdict", "\"drop\"", "jobs[0]: \"verdict\" is \"drop\""}, {"jobs.0.resend_from", NULL, "jobs[0]: \"resend_from\""},
	{"jobs.0.resend_from", "0", "jobs[0]: \"resend_from\""},
};
static const struct change extend_changes[] = {
	{"", "[]", "object"}, {"jobs", NULL, "\"jobs\" is missing"}, {"jobs", "7", "\"jobs\""},
};
static const struct change extend_items[] = {
	{"jobs.0", "null", "jobs[0]"}, {"jobs.0.job", "\"\"", "jobs[0]: \"job\""}, {"jobs.0.epoch", NULL, "jobs[0]: \"epoch\""}, {"jobs.0.epoch", "-1", "jobs[0]: \"epoch\""},
	{"jobs.0.ttl_s", NULL, "jobs[0]: \"ttl_s\""}, {"jobs.0.ttl_s", "-1", "jobs[0]: \"ttl_s\""}, {"jobs.0.ttl_s", "604801", "jobs[0]: \"ttl_s\""}, {"jobs.0.action", NULL, "jobs[0]: \"action\""},
	{"jobs.0.action", "\"explode\"", "jobs[0]: \"action\" is \"explode\""}, {"jobs.0.action", "0", "jobs[0]: \"action\""},
};
static const struct change start_changes[] = {
	{"", "\"granted\"", "object"}, {"jobs", NULL, "\"jobs\" is missing"}, {"jobs", "\"all\"", "\"jobs\""},
};
static const struct change start_items[] = {
	{"jobs.0", "[]", "jobs[0]"}, {"jobs.0.job", "7", "jobs[0]: \"job\""}, {"jobs.0.epoch", "0", "jobs[0]: \"epoch\""}, {"jobs.0.epoch", "\"2\"", "jobs[0]: \"epoch\""},
	{"jobs.0.verdict", NULL, "jobs[0]: \"verdict\""}, {"jobs.0.verdict", "\"GRANTED\"", "jobs[0]: \"verdict\""}, {"jobs.0.verdict", "true", "jobs[0]: \"verdict\""}, {"jobs.0.verdict", "\"granted \"", "jobs[0]: \"verdict\""},
};
static const struct change events_changes[] = {
	{"", "[]", "object"}, {"events", NULL, "\"events\" is missing"}, {"events", "{}", "\"events\""},
};
static const struct change events_items[] = {
	{"events.0", "7", "events[0]"}, {"events.0.id", NULL, "events[0]: \"id\""}, {"events.0.id", "\"01ARZ3NDEKTSV4RRFFQ69G5FAVX\"", "events[0]: \"id\""}, {"events.0.fate", NULL, "events[0]: \"fate\""},
	{"events.0.fate", "\"stale-epoch\"", "events[0]: \"fate\""}, {"events.0.expected", NULL, "events[0]: \"expected\""}, {"events.0.expected", "0", "events[0]: \"expected\""}, {"events.0.code", "7", "events[0]: \"code\""},
};
static const struct change release_changes[] = {
	{"", "[]", "object"}, {"jobs", NULL, "\"jobs\""}, {"jobs", "[]", "does not speak of job j-1"}, {"jobs.0.job", "\"j-2\"", "does not speak of job j-1"}, {"jobs.0.job", "7", "does not speak"},
	{"jobs.0.verdict", NULL, "\"verdict\""}, {"jobs.0.verdict", "\"fine\"", "\"verdict\""}, {"jobs.0", "7", "does not speak"},
};
static const struct change sign_changes[] = {
	{"", "[]", "object"}, {"url", NULL, "\"url\" is missing"}, {"url", "\"\"", "\"url\""}, {"url", "\"http://a.example/x\"", "\"url\""}, {"expires_in_s", NULL, "\"expires_in_s\""}, {"expires_in_s", "-1", "\"expires_in_s\""},
};
static const struct change token_changes[] = {
	{"", "[]", "object"}, {"token", NULL, "\"token\" is missing"}, {"token", "\"\"", "\"token\""}, {"token", "\"a\\r\\nHost: x\"", "\"token\""}, {"token", "\"a b\"", "\"token\""}, {"expires_in_s", "\"x\"", "\"expires_in_s\""},
};
/* clang-format on */

static json_t *parse(const char *text)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	if (json == NULL) {
		fail_msg("the test's own JSON is wrong: %s", text);
	}
	return json;
}

static json_t *child(json_t *at, const char *key)
{
	return json_is_array(at) ? json_array_get(at, (size_t)atoi(key)) : json_object_get(at, key);
}

static json_t *changed(const char *text, const struct change *change)
{
	if (change->path[0] == '\0') {
		return parse(change->value);
	}
	json_t *json = parse(text);
	char path[128], *rest = path;
	snprintf(path, sizeof path, "%s", change->path);
	json_t *at = json;
	char *key = strsep(&rest, ".");
	for (; rest != NULL; key = strsep(&rest, ".")) {
		at = child(at, key);
		assert_non_null(at);
	}
	if (json_is_array(at)) {
		json_array_set_new(at, (size_t)atoi(key), parse(change->value));
	} else if (change->value == NULL) {
		assert_int_equal(json_object_del(at, key), 0);
	} else {
		json_object_set_new(at, key, parse(change->value));
	}
	return json;
}

/* Reads, frees, and says what was left out where that is all that went wrong. */
typedef bool read_body(const json_t *json, struct err *err);

static bool read_lease(const json_t *json, struct err *err)
{
	struct lease lease;
	bool fine = lease_from_json(json, &lease, err);
	if (fine) {
		lease_fini(&lease);
	}
	return fine;
}

static bool judge(const struct left_out *left_out, struct err *err)
{
	*err = left_out->err;
	return left_out->n == 0;
}

static bool read_session(const json_t *json, struct err *err)
{
	struct session_answer answer;
	if (!session_answer_from_json(json, &answer, err)) {
		return false;
	}
	session_answer_fini(&answer);
	return judge(&answer.left_out, err);
}

static bool read_closed(const json_t *json, struct err *err)
{
	struct closed_answer answer;
	if (!closed_answer_from_json(json, &answer, err)) {
		return false;
	}
	closed_answer_fini(&answer);
	return judge(&answer.left_out, err);
}

static bool read_extend(const json_t *json, struct err *err)
{
	struct extend_answer answer;
	if (!extend_answer_from_json(json, &answer, err)) {
		return false;
	}
	extend_answer_fini(&answer);
	return judge(&answer.left_out, err);
}

static bool read_start(const json_t *json, struct err *err)
{
	struct start_answer answer;
	if (!start_answer_from_json(json, &answer, err)) {
		return false;
	}
	start_answer_fini(&answer);
	return judge(&answer.left_out, err);
}

static bool read_events(const json_t *json, struct err *err)
{
	struct events_answer answer;
	if (!events_answer_from_json(json, &answer, err)) {
		return false;
	}
	events_answer_fini(&answer);
	return judge(&answer.left_out, err);
}

static bool read_release(const json_t *json, struct err *err)
{
	enum release_verdict verdict;
	return release_verdict_from_json(json, "j-1", &verdict, err);
}

static bool read_sign(const json_t *json, struct err *err)
{
	struct sign_answer answer;
	return sign_answer_from_json(json, &answer, err);
}

static bool read_token(const json_t *json, struct err *err)
{
	struct token read;
	return token_from_json(json, &read, err);
}

struct body {
	const char *name, *text;
	read_body *read;
	const struct change *changes;
	size_t n;
};

#define rows(table) table, sizeof table / sizeof table[0]

static const struct body bodies[] = {
	{"lease", good, read_lease, rows(lease_changes)},
	{"session", session, read_session, rows(session_changes)},
	{"session item", session, read_session, rows(session_items)},
	{"closed", closed, read_closed, rows(closed_changes)},
	{"closed item", closed, read_closed, rows(closed_items)},
	{"extend", extend, read_extend, rows(extend_changes)},
	{"extend item", extend, read_extend, rows(extend_items)},
	{"start", start, read_start, rows(start_changes)},
	{"start item", start, read_start, rows(start_items)},
	{"events", events, read_events, rows(events_changes)},
	{"events item", events, read_events, rows(events_items)},
	{"release", release, read_release, rows(release_changes)},
	{"sign", sign, read_sign, rows(sign_changes)},
	{"token", token, read_token, rows(token_changes)},
};

static void every_bad_body_is_refused_by_a_sentence_that_names_the_member(void **state)
{
	(void)state;
	size_t n = 0;
	for (size_t b = 0; b < sizeof bodies / sizeof bodies[0]; b++) {
		const struct body *body = &bodies[b];
		for (size_t i = 0; i < body->n; i++, n++) {
			const struct change *change = &body->changes[i];
			struct err err = {0};
			json_t *json = changed(body->text, change);
			bool fine = body->read(json, &err);
			json_decref(json);
			if (fine || strstr(err.text, change->says) == NULL ||
				err.remedy != REMEDY_REJECT) {
				fail_msg("%s, %s = %s: said \"%s\", not \"%s\"", body->name,
					change->path, change->value == NULL ? "-" : change->value,
					fine ? "fine" : err.text, change->says);
			}
		}
	}
	print_message("%zu bad bodies\n", n);
	assert_true(n >= 200);
}

static void every_good_body_is_read(void **state)
{
	(void)state;
	for (size_t b = 0; b < sizeof bodies / sizeof bodies[0]; b++) {
		struct err err = {0};
		json_t *json = parse(bodies[b].text);
		if (!bodies[b].read(json, &err)) {
			fail_msg("%s: %s", bodies[b].name, err.text);
		}
		json_decref(json);
	}
}

static void lease_comes_through_whole_both_ways(void **state)
{
	(void)state;
	struct err err;
	struct lease lease, again;
	json_t *json = parse(good);
	assert_true(lease_from_json(json, &lease, &err));
	json_decref(json);
	assert_string_equal(lease.job, "j-1");
	assert_int_equal(lease.epoch, 3);
	assert_int_equal(lease.revision, 2);
	assert_int_equal(lease.ttl_s, 120);
	assert_int_equal(lease.priority, 70);
	assert_int_equal(lease.due_in_s, 5400);
	assert_string_equal(lease.sku, "4x6-glossy");
	assert_int_equal(lease.copies, 2);
	assert_int_equal(lease.asserted_width_hmm, 10160);
	assert_int_equal(lease.asserted_border_hmm, 0);
	assert_true(lease.has_duplicates);
	assert_int_equal(lease.duplicates, DUPLICATES_REPRINT);
	assert_int_equal(lease.n_pages, 2);
	assert_string_equal(lease.pages[0].asset.sha256, SHA);
	assert_int_equal(lease.pages[0].asset.bytes, 3481729);
	assert_true(lease.pages[0].options.crop.given);
	assert_int_equal(lease.pages[0].options.rotate_degrees, 90);
	assert_non_null(strstr(lease.pages[0].options_json, "\"rotate_degrees\":90"));
	assert_string_equal(lease.pages[1].asset.url, "");
	assert_int_equal(lease.pages[1].options.rotate_degrees, -1);
	assert_string_equal(lease.parent, "j-0");
	assert_string_equal(lease.traceparent, TRACE);
	assert_string_equal(lease.handover, "ship");
	assert_true(lease.is_private);
	json = lease_to_json(&lease);
	assert_true(lease_from_json(json, &again, &err));
	json_t *third = lease_to_json(&again);
	assert_true(json_equal(json, third));
	assert_int_equal(again.pages[0].asset.bytes, 3481729);
	json_decref(json);
	json_decref(third);
	lease_fini(&lease);
	lease_fini(&again);
}

static void least_lease_has_plain_defaults(void **state)
{
	(void)state;
	struct err err;
	struct lease lease;
	json_t *json = parse(
		"{\"job\":\"j\",\"epoch\":1,\"revision\":1,\"ttl_s\":1,\"priority\":null,"
		"\"product\":{\"sku\":\"s\",\"copies\":1},\"pages\":[{\"asset\":{\"id\":\"a\","
		"\"sha256\":\"" SHA "\",\"bytes\":1,\"media_type\":\"image/heic\"}}],"
		"\"order\":{\"id\":\"o\"},\"traceparent\":\"nonsense\"}");
	if (!lease_from_json(json, &lease, &err)) {
		fail_msg("%s", err.text);
	}
	json_decref(json);
	assert_int_equal(lease.priority, 50);
	assert_int_equal(lease.due_in_s, -1);
	assert_int_equal(lease.leave_by_in_s, -1);
	assert_int_equal(lease.asserted_width_hmm, 0);
	assert_int_equal(lease.asserted_border_hmm, -1);
	assert_false(lease.has_duplicates);
	assert_string_equal(lease.traceparent, "");
	assert_string_equal(lease.handover, "");
	assert_string_equal(lease.pages[0].asset.media_type, "image/heic"); /* carried */
	lease_fini(&lease);
}

static void what_was_due_long_ago_is_due_now(void **state)
{
	(void)state;
	struct err err;
	struct lease lease;
	const struct change late = {"due_in_s", "-7200", NULL};
	json_t *json = changed(good, &late);
	assert_true(lease_from_json(json, &lease, &err));
	assert_int_equal(lease.due_in_s, 0);
	json_decref(json);
	lease_fini(&lease);
}

static void bad_lease_is_a_fault_and_hides_no_other(void **state)
{
	(void)state;
	struct err err;
	struct acquire_answer answer;
	char text[8192];
	snprintf(text, sizeof text,
		"{\"leases\":[%s,{\"job\":\"j-9\",\"epoch\":4},7,{\"job\":\"../"
		"x\",\"epoch\":\"1\"},%s]}",
		good, good);
	json_t *json = parse(text);
	assert_true(acquire_answer_from_json(json, &answer, &err));
	assert_int_equal(answer.n_leases, 2);
	assert_int_equal(answer.n_faults, 3);
	assert_string_equal(answer.faults[0].job, "j-9");
	assert_int_equal(answer.faults[0].epoch, 4);
	assert_non_null(strstr(answer.faults[0].err.text, "leases[1]: \"revision\" is missing"));
	assert_string_equal(answer.faults[1].job, "");
	assert_string_equal(answer.faults[2].job, "");
	assert_int_equal(answer.faults[2].epoch, 0);
	json_decref(json);
	acquire_answer_fini(&answer);
}

static void too_many_leases_are_no_answer(void **state)
{
	(void)state;
	struct err err;
	struct acquire_answer answer;
	json_t *json = parse("{\"leases\":[]}");
	for (int i = 0; i <= LEASES_MAX; i++) {
		json_array_append_new(json_object_get(json, "leases"), json_integer(1));
	}
	assert_false(acquire_answer_from_json(json, &answer, &err));
	assert_non_null(strstr(err.text, "\"leases\" has 51"));
	json_decref(json);
}

static void unknown_verdict_leaves_out_that_job_alone(void **state)
{
	(void)state;
	struct err err;
	struct start_answer answer;
	json_t *json = parse("{\"jobs\":[{\"job\":\"a\",\"epoch\":1,\"verdict\":\"granted\"},"
			     "{\"job\":\"b\",\"epoch\":1,\"verdict\":\"sort-of\"},"
			     "{\"job\":\"c\",\"epoch\":1,\"verdict\":\"paused\"}]}");
	assert_true(start_answer_from_json(json, &answer, &err));
	assert_int_equal(answer.n_jobs, 2);
	assert_string_equal(answer.jobs[1].job, "c");
	assert_int_equal(answer.jobs[1].verdict, START_PAUSED);
	assert_int_equal(answer.left_out.n, 1);
	assert_non_null(strstr(answer.left_out.err.text, "sort-of"));
	json_decref(json);
	start_answer_fini(&answer);
}

static void problem_keeps_what_can_be_read(void **state)
{
	(void)state;
	struct problem problem;
	json_t *json = parse("{\"code\":\"busy\",\"detail\":\"later\",\"retryable\":true,"
			     "\"retry_after_s\":7}");
	problem_from_json(json, 503, &problem);
	assert_int_equal(problem.status, 503);
	assert_string_equal(problem.code, "busy");
	assert_string_equal(problem.detail, "later");
	assert_true(problem.retryable);
	assert_int_equal(problem.retry_after_s, 7);
	json_decref(json);
	json = parse("{\"code\":7,\"detail\":[],\"retryable\":\"yes\",\"retry_after_s\":-1}");
	problem_from_json(json, 500, &problem);
	assert_string_equal(problem.code, "");
	assert_string_equal(problem.detail, "");
	assert_false(problem.retryable);
	assert_int_equal(problem.retry_after_s, -1);
	json_decref(json);
	problem_from_json(NULL, 502, &problem);
	assert_int_equal(problem.status, 502);
}

static void asks_say_what_the_contract_says(void **state)
{
	(void)state;
	struct held_job held = {
		.job = "j-1", .epoch = 2, .state = "queued", .seq = 4, .printed = 1};
	struct session_ask session_ask = {.floor = "lab-1",
		.store_id = "01ARZ3NDEKTSV4RRFFQ69G5FAV",
		.store_generation = 7,
		.boot_id = "b",
		.agent = "platen/0.1.0",
		.jobs = &held,
		.n_jobs = 1};
	struct offer_printer printer = {.id = "P1",
		.model = "m",
		.state = "idle",
		.media = "4x6",
		.skus = {"a", "b"},
		.n_skus = 2,
		.ms_per_print = 9000,
		.queue_s = 40};
	struct offer offer = {.printers = &printer,
		.n_printers = 1,
		.max_pixels = 5,
		.max_bytes = 6,
		.want_jobs = 7,
		.want_s = 8,
		.offline_s = 9,
		.formats = {"image/jpeg", "image/heic"}};
	struct acquire_ask acquire = {
		.max_jobs = 5, .max_bytes = 9, .wait_s = 25, .offer_etag = "\"x\""};
	struct release_ask give_back = {.job = "j-1",
		.epoch = 2,
		.reason = "unsupported",
		.detail = "no paper",
		.retry = RELEASE_LATER,
		.later_s = 60};
	struct start_ask start_ask = {.job = "j-1", .epoch = 2, .revision = 1, .printer = "P1"};
	struct sign_ask sign_ask = {.asset = "a-1", .job = "j-1", .epoch = 2};
	const struct {
		json_t *json;
		const char *text;
	} asks[] = {
		{session_ask_to_json(&session_ask),
			"{\"agent\":\"platen/"
			"0.1.0\",\"boot_id\":\"b\",\"floor\":\"lab-1\",\"jobs\":[{"
			"\"epoch\":2,\"job\":\"j-1\",\"printed\":1,\"seq\":4,\"state\":\"queued\"}]"
			","
			"\"store_generation\":7,\"store_id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\"}"},
		{offer_to_json(&offer), "{\"formats\":[\"image/"
					"jpeg\",\"image/heic\"],\"max_bytes\":6,\"max_"
					"pixels\":5,\"offline_s\":9,\"printers\":[{"
					"\"id\":\"P1\",\"media\":\"4x6\",\"model\":\"m\",\"ms_per_"
					"print\":9000,\"queue_s\":"
					"40,\"skus\":[\"a\",\"b\"],\"state\":\"idle\"}],\"want_"
					"jobs\":7,\"want_s\":8}"},
		{acquire_ask_to_json(&acquire),
			"{\"max_bytes\":9,\"max_jobs\":5,\"offer_etag\":\"\\\"x\\\"\"}"},
		{extend_ask_to_json(&held, 1),
			"{\"jobs\":[{\"epoch\":2,\"job\":\"j-1\",\"printed\":1,\"seq\":4,\"state\":"
			"\"queued\"}]}"},
		{release_ask_to_json(&give_back, 1),
			"{\"jobs\":[{\"detail\":\"no "
			"paper\",\"epoch\":2,\"job\":\"j-1\",\"later_s\":60,"
			"\"reason\":\"unsupported\",\"retry\":\"later\"}]}"},
		{start_ask_to_json(&start_ask, 1), "{\"jobs\":[{\"epoch\":2,\"job\":\"j-1\","
						   "\"printer\":\"P1\",\"revision\":1}]}"},
		{sign_ask_to_json(&sign_ask), "{\"asset\":\"a-1\",\"epoch\":2,\"job\":\"j-1\"}"},
	};
	for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
		char *text = json_write(asks[i].json);
		assert_string_equal(text, asks[i].text);
		free(text);
		json_decref(asks[i].json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bad_body_is_refused_by_a_sentence_that_names_the_member),
		cmocka_unit_test(every_good_body_is_read),
		cmocka_unit_test(lease_comes_through_whole_both_ways),
		cmocka_unit_test(least_lease_has_plain_defaults),
		cmocka_unit_test(what_was_due_long_ago_is_due_now),
		cmocka_unit_test(bad_lease_is_a_fault_and_hides_no_other),
		cmocka_unit_test(too_many_leases_are_no_answer),
		cmocka_unit_test(unknown_verdict_leaves_out_that_job_alone),
		cmocka_unit_test(problem_keeps_what_can_be_read),
		cmocka_unit_test(asks_say_what_the_contract_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
