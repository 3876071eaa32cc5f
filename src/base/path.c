#include "base/path.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

char *ws_path_join(const char *dir, const char *name)
{
    const size_t length = strlen(dir);
    if (length == 0)
        return ws_text_copy(name);
    return ws_text_format("%s%s%s", dir, dir[length - 1] == '/' ? "" : "/", name);
}

const char *ws_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

const char *ws_path_tail(const char *path)
{
    const char *at = ws_path_base(path);
    if (at > path)
        at--;
    while (at > path && at[-1] != '/')
        at--;
    return at;
}

char *ws_path_dir(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return ws_text_copy(".");
    if (slash == path)
        return ws_text_copy("/");
    return ws_text_format("%.*s", (int)(slash - path), path);
}
