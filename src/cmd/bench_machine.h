/** What the lines of `wordspot bench --json` say about where and when they were measured. */
#ifndef WS_CMD_BENCH_MACHINE_H
#define WS_CMD_BENCH_MACHINE_H

#include "base/clock.h"
#include "base/json.h"

enum { WS_BENCH_MACHINE_BYTES = 512 };

typedef struct ws_bench_machine {
    char text[WS_BENCH_MACHINE_BYTES];
    char
        date[WS_CLOCK_DATE_BYTES]; /* when the program began, so that all its lines have the same */
} ws_bench_machine;

void ws_bench_machine_init(ws_bench_machine *machine);

/** Sets threads, machine, date and version. @param line  NULL is fine */
void ws_bench_machine_write(const ws_bench_machine *machine, unsigned n_threads, ws_json *line);

#endif
