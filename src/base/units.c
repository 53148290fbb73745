/* SPDX-License-Identifier: Apache-2.0
 *
 * Conversions between hundredths of a millimetre and pixels.
 */
#include "base/units.h"

int32_t units_px(int32_t length_hmm, int32_t dpi)
{
	return (int32_t)(((int64_t)length_hmm * dpi + HMM_PER_INCH / 2) / HMM_PER_INCH);
}

int32_t units_hmm(int32_t length_px, int32_t dpi)
{
	return (int32_t)(((int64_t)length_px * HMM_PER_INCH + dpi / 2) / dpi);
}
