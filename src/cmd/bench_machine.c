#include "cmd/bench_machine.h"

#include "base/machine.h"

void ws_bench_machine_init(ws_bench_machine *machine)
{
    ws_machine_describe(machine->text, sizeof machine->text);
    ws_clock_write_date(machine->date);
}

void ws_bench_machine_write(const ws_bench_machine *machine, unsigned n_threads, ws_json *line)
{
    ws_json_set_whole(line, "threads", (int64_t)n_threads);
    ws_json_set_text(line, "machine", machine->text);
    ws_json_set_text(line, "date", machine->date);
    ws_json_set_text(line, "version", WS_VERSION);
}
