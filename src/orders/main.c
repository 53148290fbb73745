/* SPDX-License-Identifier: Apache-2.0
 *
 * platen-orders: the reference order service, and the commands that ask one that runs.
 */
#include "config.h"
#include "base/log.h"
#include "base/text.h"
#include "orders/commands.h"
#include "orders/routes.h"
#include "orders/serve.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char help[] =
	"usage: platen-orders COMMAND [OPTION...]\n"
	"\n"
	"The order service of a print floor: keeps orders, leases their jobs to floors over HTTPS\n"
	"(docs/order-api.md), and shows what became of them.\n"
	"\n"
	"The service:\n"
	"  serve                 runs until SIGTERM; --data, --cert, --key and --ca must be known\n"
	"    --data DIR          its store and photos; made when it is not there\n"
	"    --listen ADDR:PORT  where to serve [127.0.0.1:8443]; port 0 takes a free one\n"
	"    --cert, --key FILE  its certificate and key, PEM\n"
	"    --ca FILE           who may call: the CA of the floors' and the admin's "
	"certificates.\n"
	"                        A certificate's common name is the floor's id, or \"admin\"\n"
	"    --public-url URL    begins asset links, when floors reach it under another name\n"
	"    --verbose           logs each call\n"
	"\n"
	"Asking it (needs the certificate named \"admin\"):\n"
	"  add FILE...           uploads photos and orders prints of them, a job for each file\n"
	"    --product SKU       what to make of them; must be given\n"
	"    --copies N          of each [1]\n"
	"    --pages             one job whose pages the files are, in that order\n"
	"    --order REF         what people say and scan [the order's id]\n"
	"    --option NAME=VALUE of the pages: crop=X,Y,WIDTH,HEIGHT (fractions), "
	"fit=fill|fit|none,\n"
	"                        rotate=0|90|180|270, "
	"intent=perceptual|relative|saturation|absolute\n"
	"    --leave-by SPAN     when the order leaves the building: 90s, 45min, 2h, 1d\n"
	"    --due SPAN          when the jobs should be printed\n"
	"    --priority N        0..100, higher first [50]\n"
	"    --floor NAME        only there\n"
	"    --label TEXT        up to 64 bytes, for people and labels\n"
	"    --handover WAY      ship, pickup or counter\n"
	"    --duplicates POLICY hold, release or reprint: after a print that may have happened\n"
	"    --private           its pictures are shown to nobody\n"
	"  orders [--limit N]    all orders, newest first\n"
	"  order ID-OR-REF       one order and its jobs; --events: what happened, in order\n"
	"  job JOB               one job; --events\n"
	"  events [SUBJECT]      everything that was reported: of all, of a job, of printer/NAME\n"
	"  floors                who called, and when\n"
	"  cancel JOB            the customer does not want it any more\n"
	"  revoke JOB            asks a floor to give it back\n"
	"  pause JOB, resume JOB no permit to print it, for now\n"
	"  retry JOB             offers it again after an error\n"
	"  free JOB              takes the permit from a floor that is lost: it MAY PRINT TWICE;\n"
	"                        --by and --reason must be given\n"
	"  disable FLOOR, enable FLOOR\n"
	"    --by NAME --reason TEXT   who says so and why, kept with the job\n"
	"    --json              the service's answer as it is, on one line\n"
	"\n"
	"Where it is:\n"
	"    --url URL           https://HOST:PORT\n"
	"    --cert, --key FILE  the admin's;  --ca FILE: the CA of the service's certificate\n"
	"    --config FILE       [$PLATEN_ORDERS_CONFIG] instead: data, listen, cert, key, ca,\n"
	"                        public_url, admin_url, admin_cert, admin_key, lease, heartbeat,\n"
	"                        links, batch_events, regrants_per_minute, grants_max,\n"
	"                        require_token, sign_key, sign_name, as in  listen = "
	"\"127.0.0.1:8443\"\n"
	"\n"
	"  calls                 lists the calls of the API\n"
	"  --help, --version\n"
	"\n"
	"Exit codes are those of sysexits.h: 64 wrong usage, 65 refused, 66 no such file,\n"
	"69 no service, 75 try again later, 77 not allowed, 78 wrong configuration.\n";

enum flag {
	OPTION_CONFIG = 256,
	OPTION_DATA,
	OPTION_LISTEN,
	OPTION_CERT,
	OPTION_KEY,
	OPTION_CA,
	OPTION_PUBLIC_URL,
	OPTION_URL,
	OPTION_OPTION,
	OPTION_VERBOSE,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_WORDS /* from here: into struct words, by the table below */
};

struct word {
	const char *name;
	size_t at; /* of a text in struct words, or of a bool */
	bool is_flag;
};

#define TEXT(name, member)                                                                         \
	{                                                                                          \
		name, offsetof(struct words, member), false                                        \
	}
#define FLAG(name, member)                                                                         \
	{                                                                                          \
		name, offsetof(struct words, member), true                                         \
	}

static const struct word word_table[] = {TEXT("product", product), TEXT("copies", copies),
	TEXT("order", order), TEXT("leave-by", leave_by), TEXT("due", due), TEXT("floor", floor),
	TEXT("label", label), TEXT("priority", priority), TEXT("handover", handover),
	TEXT("by", by), TEXT("reason", reason), TEXT("limit", limit),
	TEXT("duplicates", duplicates), FLAG("pages", pages), FLAG("private", is_private),
	FLAG("events", events), FLAG("json", as_json)};

#define N_WORDS (sizeof word_table / sizeof *word_table)

struct line { /* the command line, before the file is read */
	struct words words;
	const char *config, *data, *listen, *cert, *key, *ca, *public_url, *url;
	bool verbose, help, version;
};

static const struct option fixed[] = {
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"data", required_argument, NULL, OPTION_DATA},
	{"listen", required_argument, NULL, OPTION_LISTEN},
	{"cert", required_argument, NULL, OPTION_CERT},
	{"key", required_argument, NULL, OPTION_KEY},
	{"ca", required_argument, NULL, OPTION_CA},
	{"public-url", required_argument, NULL, OPTION_PUBLIC_URL},
	{"url", required_argument, NULL, OPTION_URL},
	{"option", required_argument, NULL, OPTION_OPTION},
	{"verbose", no_argument, NULL, OPTION_VERBOSE},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
};

#define N_FIXED (sizeof fixed / sizeof *fixed)

static void take_word(struct words *words, const struct word *word, const char *value)
{
	char *at = (char *)words + word->at;
	if (word->is_flag) {
		*(bool *)at = true;
	} else {
		*(const char **)at = value;
	}
}

static bool take_option(struct line *line, int option, const char *value)
{
	const char **texts[] = {&line->config, &line->data, &line->listen, &line->cert, &line->key,
		&line->ca, &line->public_url, &line->url};
	if (option >= OPTION_WORDS && option < OPTION_WORDS + (int)N_WORDS) {
		take_word(&line->words, &word_table[option - OPTION_WORDS], value);
	} else if (option >= OPTION_CONFIG && option <= OPTION_URL) {
		*texts[option - OPTION_CONFIG] = value;
	} else if (option == OPTION_OPTION && line->words.n_options < 16) {
		line->words.options[line->words.n_options++] = value;
	} else if (option == OPTION_VERBOSE) {
		line->verbose = true;
	} else if (option == OPTION_HELP || option == 'h') {
		line->help = true;
	} else if (option == OPTION_VERSION) {
		line->version = true;
	} else {
		return false; /* getopt has said what is wrong */
	}
	return true;
}

static bool read_line(int argc, char **argv, struct line *line)
{
	struct option options[N_FIXED + N_WORDS + 1] = {{0}};
	memcpy(options, fixed, sizeof fixed);
	for (size_t i = 0; i < N_WORDS; i++) {
		options[N_FIXED + i] = (struct option){word_table[i].name,
			word_table[i].is_flag ? no_argument : required_argument, NULL,
			OPTION_WORDS + (int)i};
	}
	for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
		if (!take_option(line, option, optarg)) {
			return false;
		}
	}
	line->words.command = optind < argc ? argv[optind++] : "";
	while (optind < argc && line->words.n_plain < WORDS_MAX) {
		line->words.plain[line->words.n_plain++] = argv[optind++];
	}
	if (optind < argc) {
		fprintf(stderr, "platen-orders: at most %d files at once\n", WORDS_MAX);
	}
	return optind >= argc;
}

static void over(char *out, const char *text)
{
	if (text != NULL) {
		text_copy(out, SETUP_TEXT_MAX, text);
	}
}

static bool set_up(const struct line *line, bool serving, struct setup *setup, struct err *err)
{
	setup_defaults(setup);
	over(setup->config, line->config != NULL ? line->config : getenv("PLATEN_ORDERS_CONFIG"));
	if ((setup->config[0] != '\0' && !setup_read(setup, err)) ||
		(line->listen != NULL && !setup_listen(setup, line->listen, err))) {
		return false;
	}
	over(setup->data, line->data);
	over(setup->ca, line->ca);
	over(setup->public_url, line->public_url);
	over(serving ? setup->cert : setup->admin_cert, line->cert);
	over(serving ? setup->key : setup->admin_key, line->key);
	over(setup->admin_url, line->url);
	if (setup->admin_url[0] == '\0' && setup->config[0] != '\0' && setup->port != 0) {
		bool boxed = strchr(setup->host, ':') != NULL;
		snprintf(setup->admin_url, sizeof setup->admin_url, "https://%s%s%s:%d",
			boxed ? "[" : "", setup->host, boxed ? "]" : "", setup->port);
	}
	return true;
}

static int run_service(const struct line *line, const struct setup *setup)
{
	struct err err;
	if (setup->data[0] == '\0' || setup->cert[0] == '\0' || setup->key[0] == '\0' ||
		setup->ca[0] == '\0') {
		fprintf(stderr, "platen-orders: serve needs --data, --cert, --key and --ca, or a "
				"--config FILE that says them\n");
		return EX_USAGE;
	}
	log_set_sink(NULL, NULL, line->verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (!serve(setup, &err)) {
		fprintf(stderr, "platen-orders: %s\n", err.text);
		return strcmp(err.code, "store-locked") == 0 ? EX_TEMPFAIL : EX_CONFIG;
	}
	return EX_OK;
}

static int run_command(const struct line *line)
{
	struct setup setup;
	struct err err;
	bool serving = strcmp(line->words.command, "serve") == 0;
	if (!set_up(line, serving, &setup, &err)) {
		fprintf(stderr, "platen-orders: %s\n", err.text);
		return strcmp(err.code, "usage") == 0 ? EX_USAGE : EX_CONFIG;
	}
	if (serving) {
		return run_service(line, &setup);
	}
	struct client client = {&setup, line->words.as_json};
	int code = command_run(&client, &line->words);
	if (code == NO_SUCH_COMMAND) {
		fprintf(stderr,
			"platen-orders: there is no command \"%s\": platen-orders --help lists "
			"them\n",
			line->words.command);
		return EX_USAGE;
	}
	return code;
}

int main(int argc, char **argv)
{
	struct line line = {.verbose = false};
	if (!read_line(argc, argv, &line)) {
		return EX_USAGE;
	}
	if (line.help || strcmp(line.words.command, "help") == 0) {
		fputs(help, stdout);
		return EX_OK;
	}
	if (line.version) {
		puts("platen-orders " PACKAGE_VERSION);
		return EX_OK;
	}
	if (strcmp(line.words.command, "calls") == 0) {
		routes_print();
		return EX_OK;
	}
	if (line.words.command[0] == '\0') {
		fputs("platen-orders: say a command: platen-orders --help lists them\n", stderr);
		return EX_USAGE;
	}
	return run_command(&line);
}
