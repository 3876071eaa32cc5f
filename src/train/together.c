#include "train/together.h"

#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "settings/settings.h"
#include "train/data_set.h"

/* A rank that hangs ends the run within half a minute; rank 0 says so before others give up. */
static const double first_patience = 25.0, others_patience = 600.0;

ws_status ws_together_fetch(ws_run *run, bool *has_data, ws_error *err)
{
    const size_t n_ranks = ws_ranks_count(run->ranks);

    *has_data = true;
    if (ws_run_is_wake(run)) /* its recordings are the user's own */
        return WS_OK;
    for (size_t r = 0; r < n_ranks; r++) {
        ws_status status = WS_OK;
        bool is_complete = true;
        if (r == ws_ranks_rank(run->ranks))
            status = ws_data_set_fetch(&run->options, run->hooks, &is_complete, err);
        bool is_stopped = !is_complete;
        status = ws_ranks_agree(run->ranks, status, &is_stopped, err);
        *has_data = !is_stopped;
        if (status != WS_OK || is_stopped)
            return status;
    }
    return WS_OK;
}

/** Settings as text, without those that ranks may have their own of. NULL: no memory. */
static char *write_settings(const ws_run *run)
{
    ws_train_options options = run->options;

    options.data_dir = "";
    options.noise_dir = "";
    return ws_settings_write(&options);
}

static ws_status compare_settings(ws_run *run, ws_error *err)
{
    char *text = write_settings(run);

    if (text == NULL)
        return ws_fail_memory(err, "the run's settings");
    const ws_status status =
        ws_ranks_compare(run->ranks, text, strlen(text), "the settings of the run", err);
    free(text);
    return status;
}

static ws_status compare_numbers(ws_run *run, ws_error *err)
{
    const float *states = ws_network_states(run->network);
    struct {
        int64_t step;
        uint32_t parameters, states;
    } numbers;

    memset(&numbers, 0, sizeof numbers); /* gaps, too */
    numbers.step = run->last_step;
    numbers.parameters =
        ws_crc32c(0, ws_network_parameters(run->network), run->graph.n_weights * sizeof(float));
    if (states != NULL)
        numbers.states = ws_crc32c(0, states, run->graph.n_state_numbers * sizeof(float));
    return ws_ranks_compare(run->ranks, &numbers, sizeof numbers,
                            "the weights and the step that the run starts from", err);
}

ws_status ws_together_compare(ws_run *run, ws_error *err)
{
    if (run->ranks == NULL)
        return WS_OK;
    const ws_status status = compare_settings(run, err);
    return status == WS_OK ? compare_numbers(run, err) : status;
}

void ws_together_warn_of_share(const ws_run *run)
{
    if (ws_ranks_count(run->ranks) < 2 || !run->is_writer ||
        ws_network_share(run->network, run->batch_size).n < run->batch_size)
        return;
    ws_log_write(run->hooks->log, WS_LOG_WARN,
                 "%zu processes are not faster than one here: each batch of %zu clips is trained "
                 "as a whole. It is too small to be shared out, or the network is quantised, or "
                 "--engine is reference",
                 ws_ranks_count(run->ranks), run->batch_size);
}

double ws_together_find_wait(ws_run *run, const ws_ranks_traffic *before)
{
    const ws_ranks_traffic now = ws_ranks_get_traffic(run->ranks);
    const size_t n_ranks = ws_ranks_count(run->ranks);
    double longest = 0.0;

    if (run->ranks == NULL)
        return 0.0;
    run->n_bytes_sent += now.n_bytes - before->n_bytes;
    run->n_messages_sent += now.n_messages - before->n_messages;
    run->waits[ws_ranks_rank(run->ranks)] = now.seconds - before->seconds;
    for (size_t r = 0; r < n_ranks; r++)
        run->evaluated.ends[r] = (r + 1) * sizeof *run->waits;
    ws_ranks_gather(run->ranks, run->waits, run->evaluated.ends);
    for (size_t r = 0; r < n_ranks; r++)
        longest = run->waits[r] > longest ? run->waits[r] : longest;
    return longest;
}

void ws_together_share_clips(ws_run *run)
{
    const size_t n_ranks = ws_ranks_count(run->ranks);

    if (run->marks == NULL)
        return;
    const size_t n_files = ws_index_n_files(run->index);
    ws_source_get_marks(run->source, run->marks + ws_ranks_rank(run->ranks) * n_files);
    for (size_t r = 0; r < n_ranks; r++)
        run->evaluated.ends[r] = (r + 1) * n_files;
    ws_ranks_gather(run->ranks, run->marks, run->evaluated.ends);
    if (ws_ranks_check(run->ranks, NULL) != WS_OK)
        return;
    for (size_t r = 1; run->is_writer && r < n_ranks; r++)
        ws_source_add_marks(run->source, run->marks + r * n_files);
}

void ws_together_log_traffic(const ws_run *run, int64_t n_steps)
{
    if (run->ranks == NULL || n_steps < 1)
        return;
    ws_log_write(run->hooks->log, WS_LOG_DEBUG,
                 "Rank %zu of %zu sent %.0f bytes in %.0f messages a step",
                 ws_ranks_rank(run->ranks), ws_ranks_count(run->ranks),
                 (double)run->n_bytes_sent / (double)n_steps,
                 (double)run->n_messages_sent / (double)n_steps);
}

void ws_together_expect_answers(ws_run *run)
{
    ws_ranks_set_patience(run->ranks,
                          &(ws_ranks_patience){
                              .seconds = run->is_writer ? first_patience : others_patience,
                              .stop_wanted = run->hooks->stop_wanted,
                              .user = run->hooks->user,
                              .log = run->is_writer ? run->hooks->log : NULL,
                          });
}
