#include "base/machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cpu.h"
#include "base/status.h"

enum { MAX_LINE = 512 };

/** Appends to a text what still has room. */
static void append(char *text, size_t size, const char *format, ...) WS_PRINTF(3, 4);

static void append(char *text, size_t size, const char *format, ...)
{
    const size_t n = strlen(text);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text + n, size - n, format, arguments);
    va_end(arguments);
}

/** The processor's name from Linux' list of them; "processor" where that has none. */
static void append_processor(char *text, size_t size)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[MAX_LINE];
    const char *name = "processor";

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", strlen("model name")) != 0 || colon == NULL)
            continue;
        line[strcspn(line, "\n")] = '\0';
        name = colon + 1 + strspn(colon + 1, " ");
        break;
    }
    append(text, size, "%s", name);
    if (file != NULL)
        (void)fclose(file);
}

void ws_machine_describe(char *text, size_t size)
{
    const long n = sysconf(_SC_NPROCESSORS_ONLN);
    struct utsname system;

    text[0] = '\0';
    append_processor(text, size);
    if (n > 0)
        append(text, size, ", %ld processor%s", n, n == 1 ? "" : "s");
    append(text, size, ", instruction set %s", ws_cpu_level_get_name(ws_cpu_level_get_best()));
    if (uname(&system) == 0)
        append(text, size, ", %s %s %s", system.sysname, system.release, system.machine);
}
