#include "page/aggregate.h"

#include <stddef.h>
#include <string.h>

bool ws_page_is_aggregate(const char *name)
{
    static const char folder[] = "aggregate/";
    static const char *const kinds[] = {"mean", "least", "largest"};
    const char *at =
        strncmp(name, folder, sizeof folder - 1) == 0 ? name : strstr(name, "/aggregate/");

    at = at != NULL ? strchr(at + 1, '/') : NULL; /* after "aggregate" */
    at = at != NULL ? strchr(at + 1, '/') : NULL; /* after the name of the settings */
    for (size_t i = 0; at != NULL && i < sizeof kinds / sizeof *kinds; i++) {
        const size_t n = strlen(kinds[i]);
        if (strncmp(at + 1, kinds[i], n) == 0 && (at[1 + n] == '\0' || at[1 + n] == '/'))
            return true;
    }
    return false;
}
