/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of status codes, with the keyword by which rules/condition_table.c judges each.
 */
#include "drivers/dnp_status.h"
#include <stddef.h>

static const struct dnp_condition conditions[] = {
	{0, 0, DNP_REST, "", "is idle"},
	{1, 1, DNP_PRINTS, "", "prints"},
	{500, 500, DNP_WAITS, "marker-over-temperature", "lets its print head cool down"},
	{510, 510, DNP_WAITS, "media-path-over-temperature", "lets its paper motor cool down"},
	{900, 900, DNP_REST, "standby", "sleeps until it prints"},
	{1000, 1000, DNP_HANDS, "cover-open", "has its cover open"},
	{1010, 1010, DNP_HANDS, "output-tray-missing", "misses its scrap box"},
	{1100, 1100, DNP_HANDS, "media-empty", "is out of paper"},
	{1200, 1200, DNP_HANDS, "marker-print-ribbon-empty", "is out of ribbon"},
	{1300, 1300, DNP_HANDS, "media-jam", "has a paper jam"},
	{1400, 1400, DNP_HANDS, "marker-print-ribbon-recoverable-failure",
		"has a fault of its ribbon"},
	{1500, 1500, DNP_REFUSED, "other", "says that the job does not fit its paper"},
	{1600, 1600, DNP_REFUSED, "other", "says that the job's data are wrong"},
	{2000, 2000, DNP_BROKEN, "marker-failure", "has a wrong voltage at its print head"},
	{2010, 2010, DNP_BROKEN, "subunit-failure", "has a fault of its USB power"},
	{2100, 2100, DNP_BROKEN, "marker-motor-failure", "can't move its print head"},
	{2200, 2200, DNP_BROKEN, "fan-failure", "has a broken fan"},
	{2300, 2300, DNP_BROKEN, "separation-cutter-failure", "has a broken cutter"},
	{2400, 2400, DNP_BROKEN, "media-path-pick-roller-failure", "has a broken pinch roller"},
	{2500, 2500, DNP_BROKEN, "marker-thermistor-failure",
		"has a wrong temperature of its print head"},
	{2600, 2600, DNP_BROKEN, "media-path-thermistor-failure",
		"has a wrong temperature of its paper"},
	{2610, 2610, DNP_BROKEN, "media-path-motor-failure",
		"has a wrong temperature of its paper motor"},
	{2700, 2700, DNP_BROKEN, "marker-print-ribbon-failure", "can't tighten its ribbon"},
	{2800, 2800, DNP_BROKEN, "marker-print-ribbon-unrecoverable-failure",
		"can't read the chip of its ribbon"},
	{2900, 2900, DNP_BROKEN, "subunit-failure", "does not reach one of its boards"},
	{3000, 3000, DNP_BROKEN, "subunit-unrecoverable-failure", "has a fault of its system"},
	{5000, 5000, DNP_REST, "", "is idle"},
	{5017, 5030, DNP_HANDS, "media-jam", "has a paper jam in its duplex unit"},
	{5033, 5038, DNP_BROKEN, "sheet-rotator-failure", "has a broken sensor in its duplex unit"},
	{5049, 5180, DNP_BROKEN, "sheet-rotator-motor-failure", "has a broken duplex unit"},
	{5193, 5193, DNP_HANDS, "input-tray-missing", "misses the tray of its duplex unit"},
	{5209, 5209, DNP_HANDS, "cover-open", "has the cover of its duplex unit open"},
	{5241, 5241, DNP_BROKEN, "sheet-rotator-unrecoverable-failure",
		"has a fault of its duplex unit"},
	{5500, 5500, DNP_HANDS, "sheet-rotator-missing", "misses its duplex unit"},
};

const struct dnp_condition *dnp_condition_of(int code)
{
	static const struct dnp_condition unheard = {
		0, 0, DNP_BROKEN, "other", "says a code that is not known here"};
	for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
		if (code >= conditions[i].first && code <= conditions[i].last) {
			return &conditions[i];
		}
	}
	return &unheard;
}
