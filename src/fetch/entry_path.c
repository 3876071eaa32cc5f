#include "fetch/entry_path.h"

#include <string.h>

const char *ws_entry_path_clean(const char *name, char *clean, size_t size)
{
    size_t n = 0;

    clean[0] = '\0';
    if (name[0] == '\0')
        return "has no name";
    if (name[0] == '/')
        return "has an absolute name";
    for (const char *p = name; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            return "has a control character in its name";
    while (*name != '\0') {
        const size_t length = strcspn(name, "/");
        if (length == 2 && name[0] == '.' && name[1] == '.')
            return "leads out of the directory";
        if (length > WS_ENTRY_PART_MAX)
            return "has too long a name";
        if (length > 0 && !(length == 1 && name[0] == '.')) {
            const size_t n_after = n + (n > 0) + length;
            if (n_after >= size || n_after > WS_ENTRY_PATH_MAX)
                return "has too long a name";
            if (n > 0)
                clean[n++] = '/';
            memcpy(clean + n, name, length);
            n += length;
            clean[n] = '\0';
        }
        name += length;
        name += *name == '/';
    }
    return NULL;
}
