/* The flag --noise_snr. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "dataset/augmentations.h"

enum { MAX_DB = 200, MAX_TEXT = 64 };

/** One end of the range. */
static bool read_db(const char *text, size_t n, double *db)
{
    char copy[MAX_TEXT];

    if (n >= sizeof copy)
        return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    return ws_text_to_double(copy, db) && *db >= -MAX_DB && *db <= MAX_DB;
}

ws_status ws_noise_snr_init(ws_noise_snr *snr, const char *text, ws_error *err)
{
    const char *dots = strstr(text, "..");

    *snr = (ws_noise_snr){.is_wanted = text[0] != '\0'};
    if (!snr->is_wanted)
        return WS_OK;
    if (dots == NULL || !read_db(text, (size_t)(dots - text), &snr->low) ||
        !read_db(dots + 2, strlen(dots + 2), &snr->high) || snr->low > snr->high)
        return ws_fail(err, WS_EUSAGE,
                       "--noise_snr=%s: expected LOW..HIGH in dB, two numbers from -%d to %d, the "
                       "lower one first, such as 5..20",
                       text, MAX_DB, MAX_DB);
    return WS_OK;
}
