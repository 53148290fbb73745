/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables. Keywords are those that rules/condition_table.c knows, for what they do to the
 * printer's line; the words here say more exactly what it is.
 */
#include "drivers/s2145_table.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const struct s2145_doing doings[] = {
	{0x00, DEVICE_IDLE, NULL, "ready"},
	{0x31, DEVICE_PROCESSING, "power-up", "starting"},
	{0x32, DEVICE_PROCESSING, "power-up", "starting: winding its ribbon"},
	{0x33, DEVICE_PROCESSING, "power-up", "starting: loading its paper"},
	{0x34, DEVICE_PROCESSING, "marker-over-temperature",
		"letting its print head cool down; it goes on by itself"},
	{0x35, DEVICE_STOPPED, "paused", "in use at its panel: leave the menu there"},
	{0x36, DEVICE_PROCESSING, "testing", "testing itself"},
	{0x37, DEVICE_PROCESSING, "power-up", "taking new firmware: leave it switched on"},
	{0x61, DEVICE_PROCESSING, NULL, "feeding paper"},
	{0x62, DEVICE_PROCESSING, NULL, "heating its print head"},
	{0x63, DEVICE_PROCESSING, NULL, "printing yellow"},
	{0x64, DEVICE_PROCESSING, NULL, "winding back after yellow"},
	{0x65, DEVICE_PROCESSING, NULL, "printing magenta"},
	{0x66, DEVICE_PROCESSING, NULL, "winding back after magenta"},
	{0x67, DEVICE_PROCESSING, NULL, "printing cyan"},
	{0x68, DEVICE_PROCESSING, NULL, "winding back after cyan"},
	{0x69, DEVICE_PROCESSING, NULL, "coating the print"},
	{0x6A, DEVICE_PROCESSING, NULL, "cutting"},
	{0x6B, DEVICE_PROCESSING, NULL, "giving out the print"},
	{0x6C, DEVICE_PROCESSING, NULL, "winding back after a print"},
	{0x6D, DEVICE_IDLE, NULL, "done with a print"},
};

/* The more special before the general of the same major. */
static const struct s2145_fault faults[] = {
	{0x01, 0, "subunit-failure",
		"fault of its electronics: switch it off and on; if it comes again, have it "
		"repaired"},
	{0x02, 0x09, "separation-cutter-failure", "its cutter is stuck: have it repaired"},
	{0x02, 0x0A, "separation-cutter-failure", "its cutter is stuck: have it repaired"},
	{0x02, 0, "motor-failure",
		"fault of its mechanics: switch it off and on; if it comes again, have it "
		"repaired"},
	{0x03, 0x01, "marker-thermistor-failure",
		"fault of its print head's sensor: have it repaired"},
	{0x03, 0x03, "separation-cutter-thermistor-failure",
		"fault of its cutter's sensor: have it repaired"},
	{0x03, 0x04, "separation-cutter-thermistor-failure",
		"fault of its cutter's sensor: have it repaired"},
	{0x03, 0x08, "marker-print-ribbon-thermistor-failure",
		"fault of its ribbon's sensor: put the ribbon in anew; else have it repaired"},
	{0x03, 0x09, "marker-print-ribbon-thermistor-failure",
		"fault of its ribbon's sensor: put the ribbon in anew; else have it repaired"},
	{0x03, 0, "media-path-thermistor-failure", "fault of a sensor: have it repaired"},
	{0x04, 0x01, "marker-over-temperature", "its print head is too hot: let it cool down"},
	{0x04, 0x02, "marker-under-temperature", "its print head is too cold: let it warm up"},
	{0x04, 0x03, "marker-over-temperature",
		"it is too hot around it: give it air, or a cooler place"},
	{0x04, 0x04, "marker-under-temperature", "it is too cold around it: warm the room"},
	{0x04, 0, "marker-thermistor-failure",
		"fault of its temperature sensing: switch it off and on; else have it repaired"},
	{0x05, 0x49, "marker-print-ribbon-jam", "it lost its place on the ribbon: put it in anew"},
	{0x05, 0x4A, "marker-print-ribbon-jam", "its ribbon is torn: mend or replace it"},
	{0x05, 0x4D, "marker-print-ribbon-jam", "it lost its place on the ribbon: put it in anew"},
	{0x05, 0x4E, "marker-print-ribbon-jam", "it lost its place on the ribbon: put it in anew"},
	{0x05, 0x4F, "marker-print-ribbon-jam", "it lost its place on the ribbon: put it in anew"},
	{0x05, 0, "media-jam", "paper jam: open it, take the paper out, close it"},
	{0x06, 0x01, "cover-open", "its cover is open: close it"},
	{0x06, 0x02, "marker-print-ribbon-needed",
		"its ribbon is of a wrong kind: put in one that is made for it"},
	{0x06, 0x03, "marker-print-ribbon-empty", "it has no ribbon: put one in"},
	{0x06, 0x04, "marker-print-ribbon-needed",
		"ribbon and paper don't belong together: put in the ribbon of this paper"},
	{0x06, 0x05, "media-needed",
		"paper and ribbon don't belong together: put in the paper of this ribbon"},
	{0x06, 0x06, "media-empty", "its paper is used up: put in a new roll with its ribbon"},
	{0x06, 0x08, "media-empty", "it has no paper: put a roll in"},
	{0x06, 0x09, "media-path-jam", "paper is left inside: take it out"},
	{0x06, 0x0A, "cover-open", "its cover was opened while it printed: close it"},
	{0x06, 0x0B, "marker-failure", "its print head is damaged: have it replaced"},
	{0x06, 0, "media-path-recoverable-failure", "it waits for somebody: look at its display"},
};

static const struct s2145_refusal refusals[] = {
	{0x00, REMEDY_RETRY, "printer-refused", "it gives no reason"},
	{0x01, REMEDY_ATTEND, "printer-unfit",
		"a value is out of its range; compare its model's file with what is loaded"},
	{0x02, REMEDY_RETRY, "printer-starting",
		"its main program does not run yet; if this stays, switch it off and on"},
	{0x03, REMEDY_RETRY, "printer-answer", "its parts don't answer each other in time"},
	{0x04, REMEDY_ATTEND, "printer-maintenance",
		"it wants maintenance first; see its manual, then switch it on again"},
	{0x05, REMEDY_RETRY, "printer-busy", "not in the state in which it is now"},
	{S2145_ERROR_PRINTER, REMEDY_ATTEND, "printer-stopped", "something is the matter with it"},
	{S2145_ERROR_FULL, REMEDY_RETRY, "printer-busy", "both of its buffers are full"},
};

const struct s2145_doing *s2145_doing_of(uint8_t code)
{
	static const struct s2145_doing busy = {
		0xFF, DEVICE_PROCESSING, NULL, "busy with what it has no known word for"};
	for (size_t i = 0; i < COUNT(doings); i++) {
		if (doings[i].code == code) {
			return &doings[i];
		}
	}
	return &busy;
}

const struct s2145_fault *s2145_fault_of(uint8_t major, uint8_t minor)
{
	static const struct s2145_fault unknown = {
		0, 0, "media-path-recoverable-failure", "it has stopped: look at its display"};
	for (size_t i = 0; i < COUNT(faults); i++) {
		if (faults[i].major == major &&
			(faults[i].minor == minor || faults[i].minor == 0)) {
			return &faults[i];
		}
	}
	return &unknown;
}

const struct s2145_refusal *s2145_refusal_of(uint8_t error)
{
	for (size_t i = 0; i < COUNT(refusals); i++) {
		if (refusals[i].error == error) {
			return &refusals[i];
		}
	}
	return &refusals[0];
}

bool s2145_is_broken(const struct s2145_head *head)
{
	return head->error == S2145_ERROR_PRINTER || head->state == S2145_ERROR_PRINTER;
}
