/* SPDX-License-Identifier: Apache-2.0
 *
 * Reasons and what to do about them.
 */
#include "rules/hold.h"
#include <string.h>

/* JOB and NAME (of a printer) are put in where it is shown. */
#define RELEASE_OR_BACK "platenctl release JOB, or " HOLD_GIVE_BACK

static const struct {
	const char *code;
	struct hold_words words;
} rows[] = {
	{"may-have-printed",
		{"May have printed: look in the tray", "Count the prints in the tray, then: "
						       "platenctl resolve JOB --printed K, or "
						       "--not-printed"}},
	{"interrupted",
		{"Stopped part-way", "Clear the printer, count the good prints in its tray, then: "
				     "platenctl release JOB --good K; it goes on with the rest"}},
	{"not-taken", {"Printer will not take it",
			      "Look at the printer and its message, then: platenctl release JOB"}},
	{"spoiled", {"Cut off again and again", "Throw half prints away, check cable and printer, "
						"then: platenctl release JOB"}},
	{"ceiling", {"More prints than usual", "Check with the customer, then: " RELEASE_OR_BACK}},
	{"printed-before", {"Came out here before", "To print it again: " RELEASE_OR_BACK}},
	{"poison", {"The file is bad",
			   "Nothing to do here: it was put aside and given back. To let it "
			   "be tried once more: platenctl release JOB --reason R"}},
	{"permit-refused", {"Not cleared by the shop", "Tell support what it says; to ask "
						       "again: " RELEASE_OR_BACK}},
	{"old-copy", {"Perhaps printed before",
			     "Look whether it came out; to print it: " RELEASE_OR_BACK}},
	{"store-rollback",
		{"The store is an old copy", "Compare the trays with the jobs, then: platenctl "
					     "accept-store --reason R"}},
	{"asked", {"Held by a person", "When it may go on: platenctl release JOB"}},
	{"media-missing", {"Waiting for paper", "Load the paper it names; it then goes by itself"}},
	{"label-font", {"Its label can't be set", "Install the package fonts-dejavu-core, then "
						  "restart platend; it then goes by itself"}},
	{"printer-changed",
		{"Another printer answers", "Check cable and address; if it was replaced on "
					    "purpose, set its new uuid in platen.conf"}},
	{"printer-key-changed",
		{"Printer proves another key", "Find out why. If its certificate was renewed: "
					       "platenctl printer NAME accept-key FINGERPRINT; "
					       "the job then goes by itself"}},
	{"printer-auth", {"Printer wants a password",
				 "Correct user or password_file of that printer, or what the "
				 "printer expects; it then goes by itself"}},
	{"folder-denied", {"Its folder is shut to platen",
				  "Let platen's user read, write and remove files in it; "
				  "it then goes by itself"}},
	{"folder-full", {"Its folder is full", "Make room on its disk, then: platenctl release "
					       "JOB"}},
	{"printer-elsewhere",
		{"Printer sends platen elsewhere",
			"Correct the printer's uri in platen.conf, then restart platend"}},
	{"printer-paused", {"Printer is paused", "When it may print: platenctl printer NAME "
						 "resume; the job then goes by itself"}},
	{"room-climate",
		{"Room not fit for printing",
			"Bring the room back within its limits; it then goes by itself. If the "
			"sensor lies: platenctl sensors"}},
	{"printer-parked",
		{"Printer stopped after failures",
			"Look at the printer, then print a test sheet (platenctl printer NAME "
			"test); the job then goes by itself"}},
	{"maintenance-due",
		{"Printer waits for its maintenance", "Do what it names and sign it off, as "
						      "`platenctl maintenance` says; the job "
						      "then goes by itself"}},
	{"format-disabled",
		{"Its format is switched off",
			"Take the format again in platen.conf, reload, then: " RELEASE_OR_BACK}},
	{"unsupported",
		{"Not made here", "Given back, there is nothing to do. Else set up the product, a "
				  "printer and paper for it, then: " RELEASE_OR_BACK}},
	/* incidents */
	{"counter-moved-more", {"Counter moved too far",
				       "Look in the tray for prints too many, take them out, then "
				       "acknowledge with what you found"}},
	{"counter-moved-less", {"Counter moved too little",
				       "Look at the prints named for a missing, blank or cut-off "
				       "one, then acknowledge with what you found"}},
	{"counters-differ",
		{"Counters differ", "Look at the prints named for blank or cut-off ones, then "
				    "acknowledge with what you found"}},
	{"ribbon-differs",
		{"Ribbon and prints differ", "Look at the prints named for blank or cut-off ones, "
					     "then acknowledge with what you found"}},
	{"counter-moved-between", {"Counter moved on its own",
					  "Find out who printed there and look in the tray, then "
					  "acknowledge with what you found"}},
	{"counter-went-back",
		{"Counter went back", "Count the prints named, find out who reset it, then "
				      "acknowledge with what you found"}},
	{"machine-exchanged",
		{"Another machine answers", "See which machine stands there and count the prints "
					    "named, then acknowledge with what you found"}},
	{"stock-recount",
		{"Count the paper", "Count the sheets that are left on its roll and say so with "
				    "`platenctl printer NAME count N`; that also closes this"}},
	{"trail-edited",
		{"Audit trail was edited", "Run `platenctl audit verify`, find out who touched the "
					   "store, then acknowledge with what you found"}},
	{"low-resolution", {"Too few pixels for this size",
				   "Look at its picture on the live page, then: " RELEASE_OR_BACK}},
};

const char *hold_stage_words(enum stage stage)
{
	static const char *const words[STAGE_COUNT] = {
		[AT_QUEUED] = "in line",
		[AT_PERMITTED] = "cleared to print",
		[AT_PREPARED] = "on its way to the printer",
		[AT_OPENED] = "on its way to the printer",
		[AT_SENDING] = "on its way to the printer",
		[AT_COMMITTED] = "on its way to the printer",
		[AT_ACCEPTED] = "printing",
		[AT_PRINTED] = "printed",
		[AT_REPORTED] = "printed",
		[AT_HELD_UNKNOWN] = "in doubt: it may have printed",
		[AT_HELD_OPERATOR] = "held",
		[AT_QUARANTINED] = "over: a bad file",
		[AT_RELEASED] = "given back",
		[AT_CANCELLED] = "cancelled",
		[AT_LOST] = "taken back by the cloud",
	};
	return words[stage] != NULL ? words[stage] : "being prepared";
}

struct hold_words hold_words_of(enum reason_kind kind, const char *code)
{
	static const struct hold_words by_kind[] = {
		[REASON_NONE] = {"", ""},
		[REASON_WAIT] = {"Waiting", "It goes on by itself when this clears"},
		[REASON_HOLD] = {"Needs you", "Read the reason, then: " RELEASE_OR_BACK},
		[REASON_END] = {"Over", "Nothing to do here"},
	};
	for (size_t i = 0; kind != REASON_NONE && i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(rows[i].code, code) == 0) {
			return rows[i].words;
		}
	}
	return by_kind[kind];
}
