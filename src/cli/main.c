/* SPDX-License-Identifier: Apache-2.0
 *
 * platenctl: reads the command line and calls the command. It never opens the store: all it knows
 * comes from the local API.
 */
#include "config.h"
#include "cli/ctl.h"
#include "base/text.h"
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum option_id {
	OPTION_JSON = 256,
	OPTION_SOCKET,
	OPTION_REASON,
	OPTION_LOT,
	OPTION_PRODUCT,
	OPTION_REF,
	OPTION_LABEL,
	OPTION_PRINTER,
	OPTION_OUTPUT,
	OPTION_STAGE,
	OPTION_KIND,
	OPTION_ORDER,
	OPTION_CONFIG,
	OPTION_PRINTED,
	OPTION_COPIES,
	OPTION_LIMIT,
	OPTION_AFTER,
	OPTION_GOOD,
	OPTION_PAGE,
	OPTION_SHEETS,
	OPTION_LEFT,
	OPTION_NOTE,
	OPTION_BY,
	OPTION_JOB,
	OPTION_SINCE,
	OPTION_HEAD,
	OPTION_FOR,
	OPTION_ALL,
	OPTION_NOT_PRINTED,
	OPTION_GIVE_BACK,
	OPTION_FOLLOW,
	OPTION_TOGETHER,
	OPTION_HELP,
	OPTION_VERSION,
};

#define BIT(option) (UINT64_C(1) << ((option)-OPTION_JSON))
#define EVERYWHERE  (BIT(OPTION_JSON) | BIT(OPTION_SOCKET) | BIT(OPTION_HELP))

static const struct option options[] = {
	{"json", no_argument, NULL, OPTION_JSON},
	{"socket", required_argument, NULL, OPTION_SOCKET},
	{"reason", required_argument, NULL, OPTION_REASON},
	{"lot", required_argument, NULL, OPTION_LOT},
	{"product", required_argument, NULL, OPTION_PRODUCT},
	{"ref", required_argument, NULL, OPTION_REF},
	{"label", required_argument, NULL, OPTION_LABEL},
	{"printer", required_argument, NULL, OPTION_PRINTER},
	{"output", required_argument, NULL, OPTION_OUTPUT},
	{"stage", required_argument, NULL, OPTION_STAGE},
	{"kind", required_argument, NULL, OPTION_KIND},
	{"order", required_argument, NULL, OPTION_ORDER},
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"printed", required_argument, NULL, OPTION_PRINTED},
	{"copies", required_argument, NULL, OPTION_COPIES},
	{"limit", required_argument, NULL, OPTION_LIMIT},
	{"after", required_argument, NULL, OPTION_AFTER},
	{"good", required_argument, NULL, OPTION_GOOD},
	{"page", required_argument, NULL, OPTION_PAGE},
	{"sheets", required_argument, NULL, OPTION_SHEETS},
	{"left", required_argument, NULL, OPTION_LEFT},
	{"note", required_argument, NULL, OPTION_NOTE},
	{"by", required_argument, NULL, OPTION_BY},
	{"job", required_argument, NULL, OPTION_JOB},
	{"since", required_argument, NULL, OPTION_SINCE},
	{"head", required_argument, NULL, OPTION_HEAD},
	{"for", required_argument, NULL, OPTION_FOR},
	{"all", no_argument, NULL, OPTION_ALL},
	{"not-printed", no_argument, NULL, OPTION_NOT_PRINTED},
	{"give-back", no_argument, NULL, OPTION_GIVE_BACK},
	{"follow", no_argument, NULL, OPTION_FOLLOW},
	{"together", no_argument, NULL, OPTION_TOGETHER},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{NULL, 0, NULL, 0},
};

struct command {
	const char *name;
	int (*call)(const struct args *args);
	int least, most; /* words after the command; most -1: any number */
	uint64_t takes;  /* BIT of options beside EVERYWHERE */
	const char *usage, *does;
};

static const struct command commands[] = {
	{"status", ctl_status, 0, 0, 0, "", "the floor at a glance"},
	{"jobs", ctl_jobs, 0, 0,
		BIT(OPTION_STAGE) | BIT(OPTION_KIND) | BIT(OPTION_ORDER) | BIT(OPTION_LIMIT),
		"[--kind K] [--order REF] [--stage S] [--limit N]",
		"jobs, newest first; kinds: preparing ready printing waiting needs_you done ended"},
	{"job", ctl_job, 1, 1, 0, "JOB", "everything about one job: pages, prints, proof, events"},
	{"why", ctl_why, 1, 1, 0, "JOB", "the job's story in sentences, and what comes next"},
	{"printers", ctl_printers, 0, 1, 0, "[discover]",
		"printers, what is loaded, what they do; discover: what could be added, as lines "
		"to paste"},
	{"printer", ctl_printer, 1, 3,
		BIT(OPTION_LOT) | BIT(OPTION_REASON) | BIT(OPTION_SHEETS) | BIT(OPTION_LEFT) |
			BIT(OPTION_FOR),
		"NAME [load MEDIA [--lot L] [--sheets N] [--left N] | count N | distrust SOURCE "
		"--reason R | trust SOURCE | pause | resume [--reason R] | test | accept-key "
		"FINGERPRINT | printed K [--reason R] | record FILE [--for 24h]]",
		"one printer; say what paper was loaded, or how many sheets are left; believe a "
		"counter, level, weight or life counter of it, or don't; pause it, let it go on; "
		"print a test sheet; believe the other key that it proves; say how many prints lie "
		"at the exit of one that can't tell; keep what it says, to play it again"},
	{"stock", ctl_stock, 0, 3, BIT(OPTION_LOT) | BIT(OPTION_SHEETS),
		"[rolls] | add MEDIA N [--lot L] [--sheets S] | count MEDIA N [--lot L]",
		"paper at the printers, and whether it lasts; unopened rolls in the store room; "
		"rolls: "
		"what became of those that were changed"},
	{"sensors", ctl_sensors, 0, 0, 0, "",
		"what the sensors say, how old, and whether it counts"},
	{"sensor", ctl_sensor, 1, 3, BIT(OPTION_REASON),
		"NAME [lying | trusted | simulate FIGURE] [--reason R]",
		"one sensor; say that it lies, that it may be used again, or which figure stands "
		"in its place"},
	{"holds", ctl_holds, 0, 0, 0, "", "what needs you, what waits, and what to do"},
	{"resolve", ctl_resolve, 1, 1,
		BIT(OPTION_PRINTED) | BIT(OPTION_NOT_PRINTED) | BIT(OPTION_GIVE_BACK) |
			BIT(OPTION_REASON),
		"JOB [--printed K | --not-printed | --give-back] [--reason R]",
		"say how many prints are in the tray (it asks); or send a held job back where it "
		"came from"},
	{"release", ctl_release, 1, -1, BIT(OPTION_REASON) | BIT(OPTION_GOOD),
		"JOB… [--good K] [--reason R]",
		"held jobs go on; --good: of the last try of one that stopped part-way, K prints "
		"are "
		"fit"},
	{"incidents", ctl_incidents, 0, 2, BIT(OPTION_NOTE) | BIT(OPTION_ALL) | BIT(OPTION_LIMIT),
		"[--all] [--limit N] | ack NUMBER --note N",
		"counters and prints that don't agree; say what you found"},
	{"maintenance", ctl_maintenance, 0, 3, BIT(OPTION_BY) | BIT(OPTION_NOTE),
		"[done ROUTINE PRINTER --by WHO [--note N]]",
		"what has to be done to which printer, and when; sign off what was done"},
	{"audit", ctl_audit, 0, 1,
		BIT(OPTION_JOB) | BIT(OPTION_SINCE) | BIT(OPTION_LIMIT) | BIT(OPTION_HEAD),
		"[--job J] [--since 2h|3d|DATE] [--limit N] | verify [--head ROW:HASH]",
		"who did what; verify: has anybody changed that record? (65: yes)"},
	{"hold", ctl_hold, 1, -1, BIT(OPTION_REASON), "JOB… --reason R", "jobs wait for a person"},
	{"cancel", ctl_cancel, 1, -1, BIT(OPTION_REASON), "JOB… --reason R",
		"stop jobs of which no sheet is out"},
	{"accept-store", ctl_accept_store, 0, 0, BIT(OPTION_REASON), "--reason R",
		"the store was put back from an old copy and you have looked: go on with it"},
	{"submit", ctl_submit, 1, -1,
		BIT(OPTION_PRODUCT) | BIT(OPTION_COPIES) | BIT(OPTION_REF) | BIT(OPTION_LABEL) |
			BIT(OPTION_TOGETHER),
		"FILE… --product P [--copies N] [--ref R] [--label L] [--together]",
		"local order: one job for each file, or all pages of one job"},
	{"render", ctl_render, 1, 1,
		BIT(OPTION_PRODUCT) | BIT(OPTION_PRINTER) | BIT(OPTION_OUTPUT) |
			BIT(OPTION_CONFIG) | BIT(OPTION_REF) | BIT(OPTION_LABEL),
		"FILE --product P --printer X -o OUT [--ref R] [--label L] [--config FILE]",
		"render a picture as the floor would, without the floor"},
	{"rerender", ctl_rerender, 1, 2, BIT(OPTION_PAGE), "JOB [FILE] [--page N]",
		"render a page of an old job once more: the same bytes? (65: no; what differs) "
		"FILE: "
		"its photo, where the floor has it no more"},
	{"events", ctl_events, 0, 0, BIT(OPTION_FOLLOW) | BIT(OPTION_AFTER) | BIT(OPTION_LIMIT),
		"[--after ROW] [--limit N] [--follow]", "what was reported, in order"},
	{"doctor", ctl_doctor, 0, 0, 0, "", "is everything in order? what to do if not"},
};
#define N_COMMANDS (sizeof commands / sizeof *commands)

int complain(int status, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	progress_hide();
	fputs("platenctl: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	return status;
}

static int help(void)
{
	puts("platenctl: the floor from the command line\n\n"
	     "usage: platenctl [--socket PATH] [--json] COMMAND …\n");
	for (size_t i = 0; i < N_COMMANDS; i++) {
		printf("  %-9s %s\n", commands[i].name, commands[i].does);
	}
	puts("\n  platenctl COMMAND --help says more. --json prints the answer for programs.\n"
	     "  The socket is --socket, else $PLATEN_SOCKET, else " SOCKET_DEFAULT ".\n"
	     "  Exit codes: 0 done; 64 wrong usage; 65 refused as the request or the job stands;\n"
	     "  66 no such job, printer or file; 69 platend does not answer; 70 fault inside;\n"
	     "  75 try later; 77 not permitted.");
	return EX_OK;
}

static int help_on(const struct command *command)
{
	printf("usage: platenctl %s %s\n\n  %s\n", command->name, command->usage, command->does);
	return EX_OK;
}

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0) {
			return &commands[i];
		}
	}
	return NULL;
}

static const char *option_name(int option)
{
	for (const struct option *at = options; at->name != NULL; at++) {
		if (at->val == option) {
			return at->name;
		}
	}
	return "?";
}

static bool take_number(int option, const char *text, int64_t least, int64_t *value)
{
	if (text_to_int(text, least, INT32_MAX, value)) {
		return true;
	}
	complain(EX_USAGE, "--%s %s: must be a whole number of at least %lld", option_name(option),
		text, (long long)least);
	return false;
}

static bool take_option(struct args *args, int option, const char *value)
{
	const char **const texts[] = {
		[OPTION_SOCKET - OPTION_JSON] = &args->socket,
		[OPTION_REASON - OPTION_JSON] = &args->reason,
		[OPTION_LOT - OPTION_JSON] = &args->lot,
		[OPTION_PRODUCT - OPTION_JSON] = &args->product,
		[OPTION_REF - OPTION_JSON] = &args->ref,
		[OPTION_LABEL - OPTION_JSON] = &args->label,
		[OPTION_PRINTER - OPTION_JSON] = &args->printer,
		[OPTION_OUTPUT - OPTION_JSON] = &args->output,
		[OPTION_STAGE - OPTION_JSON] = &args->stage,
		[OPTION_KIND - OPTION_JSON] = &args->kind,
		[OPTION_ORDER - OPTION_JSON] = &args->order,
		[OPTION_CONFIG - OPTION_JSON] = &args->config,
		[OPTION_NOTE - OPTION_JSON] = &args->note,
		[OPTION_BY - OPTION_JSON] = &args->by,
		[OPTION_JOB - OPTION_JSON] = &args->job,
		[OPTION_SINCE - OPTION_JSON] = &args->since,
		[OPTION_HEAD - OPTION_JSON] = &args->head,
		[OPTION_FOR - OPTION_JSON] = &args->span,
	};
	switch (option) {
	case OPTION_JSON:
		args->json = true;
		return true;
	case OPTION_NOT_PRINTED:
		args->not_printed = true;
		return true;
	case OPTION_GIVE_BACK:
		args->give_back = true;
		return true;
	case OPTION_FOLLOW:
		args->follow = true;
		return true;
	case OPTION_TOGETHER:
		args->together = true;
		return true;
	case OPTION_ALL:
		args->all = true;
		return true;
	case OPTION_GOOD:
		return take_number(option, value, 0, &args->good);
	case OPTION_PAGE:
		return take_number(option, value, 1, &args->page);
	case OPTION_SHEETS:
		return take_number(option, value, 1, &args->sheets);
	case OPTION_LEFT:
		return take_number(option, value, 0, &args->left);
	case OPTION_PRINTED:
		return take_number(option, value, 0, &args->printed);
	case OPTION_COPIES:
		return take_number(option, value, 1, &args->copies);
	case OPTION_LIMIT:
		return take_number(option, value, 1, &args->limit);
	case OPTION_AFTER:
		return take_number(option, value, 0, &args->after);
	default:
		*texts[option - OPTION_JSON] = value;
		return true;
	}
}

/* Reads everything; *seen gets the options as bits. 0, or an exit code after the complaint. */
static int read_options(int argc, char **argv, struct args *args, uint64_t *seen)
{
	for (int option; (option = getopt_long(argc, argv, ":o:hp:n:", options, NULL)) != -1;) {
		option = option == 'o'   ? OPTION_OUTPUT
			 : option == 'h' ? OPTION_HELP
			 : option == 'p' ? OPTION_PRODUCT
			 : option == 'n' ? OPTION_COPIES
					 : option;
		if (option == '?') {
			return complain(EX_USAGE, "%s: no such option; see platenctl --help",
				argv[optind - 1]);
		}
		if (option == ':') {
			return complain(EX_USAGE, "%s: needs a value", argv[optind - 1]);
		}
		*seen |= BIT(option);
		if (option != OPTION_HELP && option != OPTION_VERSION &&
			!take_option(args, option, optarg)) {
			return EX_USAGE;
		}
	}
	return 0;
}

static int judge_usage(const struct command *command, const struct args *args, uint64_t seen)
{
	uint64_t odd = seen & ~(command->takes | EVERYWHERE);
	for (int option = OPTION_JSON; odd != 0 && option <= OPTION_VERSION; option++) {
		if ((odd & BIT(option)) != 0) {
			return complain(EX_USAGE, "%s takes no --%s; usage: platenctl %s %s",
				command->name, option_name(option), command->name, command->usage);
		}
	}
	if (args->n < command->least || (command->most >= 0 && args->n > command->most)) {
		return complain(EX_USAGE, "usage: platenctl %s %s", command->name, command->usage);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *socket = getenv("PLATEN_SOCKET");
	struct progress progress;
	struct args args = {
		.socket = socket != NULL && socket[0] != '\0' ? socket : SOCKET_DEFAULT,
		.colour = terminal_has_colours(STDOUT_FILENO),
		.progress = &progress,
		.printed = -1,
		.good = -1,
		.page = -1,
		.sheets = -1,
		.left = -1,
		.copies = -1,
		.limit = -1,
		.after = -1,
	};
	uint64_t seen = 0;
	int status = read_options(argc, argv, &args, &seen);
	if (status != 0) {
		return status;
	}
	if ((seen & BIT(OPTION_VERSION)) != 0) {
		puts("platenctl " PACKAGE_VERSION);
		return EX_OK;
	}
	if (optind == argc) {
		return (seen & BIT(OPTION_HELP)) != 0
			       ? help()
			       : complain(EX_USAGE, "say what to do; see platenctl --help");
	}
	const struct command *command = command_find(argv[optind]);
	if (command == NULL) {
		return complain(
			EX_USAGE, "%s: no such command; see platenctl --help", argv[optind]);
	}
	if ((seen & BIT(OPTION_HELP)) != 0) {
		return help_on(command);
	}
	args.words = argv + optind + 1;
	args.n = argc - optind - 1;
	status = judge_usage(command, &args, seen);
	if (status == 0) {
		progress_init(&progress, !args.json);
		status = command->call(&args);
		progress_fini(&progress);
	}
	return status;
}
