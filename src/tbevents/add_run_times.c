#include <stddef.h>
#include <string.h>

#include "run_metadata.pb-c.h"
#include "tbevents/elements.h"

/* With another end than "device:CPU:0" TensorBoard takes all nodes for unused. */
static const char device[] = "/job:localhost/replica:0/task:0/device:CPU:0";

void tbe_run_times_init(tbe_run_times *times, size_t struct_size, size_t node_size)
{
    memset(times, 0, struct_size);
    times->struct_size = struct_size;
    if (struct_size > offsetof(tbe_run_times, node_size))
        times->node_size = node_size;
}

static tbe_status check_time(tbe_writer *writer, const tbe_node_time *time)
{
    if (time->name == NULL)
        return tbe_refuse(writer, TBE_EINVAL, "a time has no node");
    if (time->start_us < 0 || time->start_us == INT64_MAX || time->duration_us < 0 ||
        time->output_bytes < 0)
        return tbe_refuse(writer, TBE_EINVAL, "the time of the node " TBE_QUOTE " is negative",
                          time->name);
    return tbe_check_text(writer, time->name, "name", time->name, TBE_TEXT_LINE);
}

/** Copies the caller's times and checks them. */
static tbe_status take_times(tbe_writer *writer, tbe_pool *pool, tbe_run_times *times)
{
    const tbe_elements theirs = {"times of nodes", times->n_nodes,   TBE_MAX_NODES,
                                 times->nodes,     times->node_size, sizeof(tbe_node_time)};
    void *own = NULL;
    tbe_status status = tbe_take_elements(writer, pool, &theirs, &own);

    times->nodes = own;
    for (size_t i = 0; status == TBE_OK && i < times->n_nodes; i++)
        status = check_time(writer, &times->nodes[i]);
    return status;
}

static bool set_memory(tbe_pool *pool, int64_t n_bytes, Tbproto__NodeExecStats *node)
{
    Tbproto__AllocatorMemoryUsed *memory = tbe_pool_new(pool, 1, sizeof *memory);
    Tbproto__AllocatorMemoryUsed **pointers = tbe_pool_new(pool, 1, sizeof memory);

    if (memory == NULL || pointers == NULL)
        return false;
    tbproto__allocator_memory_used__init(memory);
    memory->allocator_name = tbe_text_unconst("cpu");
    memory->total_bytes = n_bytes;
    pointers[0] = memory;
    node->n_memory = 1;
    node->memory = pointers;
    return true;
}

static bool set_time(tbe_pool *pool, const tbe_node_time *time, Tbproto__NodeExecStats *node)
{
    tbproto__node_exec_stats__init(node);
    node->node_name = tbe_text_unconst(time->name);
    node->all_start_micros = time->start_us + 1; /* 0 would be a node that did not run */
    node->op_end_rel_micros = time->duration_us;
    node->all_end_rel_micros = time->duration_us;
    return time->output_bytes == 0 || set_memory(pool, time->output_bytes, node);
}

/** @return the times as bytes of the pool; without data: no memory */
static tbe_bytes pack_times(tbe_pool *pool, const tbe_run_times *times)
{
    const tbe_bytes nothing = {NULL, 0};
    Tbproto__RunMetadata metadata;
    Tbproto__StepStats stats;
    Tbproto__DeviceStepStats on_device;
    Tbproto__DeviceStepStats *devices = &on_device;
    Tbproto__NodeExecStats *nodes = tbe_pool_new(pool, times->n_nodes, sizeof *nodes);
    Tbproto__NodeExecStats **pointers = tbe_pool_new(pool, times->n_nodes, sizeof nodes);

    tbproto__run_metadata__init(&metadata);
    tbproto__step_stats__init(&stats);
    tbproto__device_step_stats__init(&on_device);
    if (nodes == NULL || pointers == NULL)
        return nothing;
    for (size_t i = 0; i < times->n_nodes; i++) {
        if (!set_time(pool, &times->nodes[i], &nodes[i]))
            return nothing;
        pointers[i] = &nodes[i];
    }
    on_device.device = tbe_text_unconst(device);
    on_device.n_node_stats = times->n_nodes;
    on_device.node_stats = pointers;
    stats.n_dev_stats = 1;
    stats.dev_stats = &devices;
    metadata.step_stats = &stats;
    return tbe_pool_pack(pool, &metadata.base);
}

static tbe_status append_times(tbe_writer *writer, tbe_pool *pool, int64_t step, const char *name,
                               const tbe_run_times *times)
{
    const tbe_bytes bytes = pack_times(pool, times);
    if (bytes.data == NULL)
        return tbe_refuse(writer, TBE_ENOMEM, "no memory for the times " TBE_QUOTE, name);
    return tbe_event_append(writer, tbe_event_run_metadata(writer->event, tbe_wall_time_get(writer),
                                                           step, name, bytes));
}

tbe_status tbe_add_run_times(tbe_writer *writer, int64_t step, const char *name,
                             const tbe_run_times *times)
{
    tbe_pool pool = {.blocks = NULL};
    tbe_run_times own;
    tbe_status status = tbe_check_writer(writer);

    if (status == TBE_OK)
        status = tbe_check_tag(writer, name, NULL);
    if (status == TBE_OK)
        status = tbe_take(writer, name, &own, sizeof own, times, "tbe_run_times_init");
    if (status == TBE_OK)
        status = take_times(writer, &pool, &own);
    if (status == TBE_OK)
        status = append_times(writer, &pool, step, name, &own);
    tbe_pool_deinit(&pool);
    return status == TBE_OK ? tbe_flush_if_due(writer) : status;
}
