/* The fast engine: the stages of the plan, each done by a kit, their arrays, and the loop over
 * their phases. */
#include "nn/engine/kits.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "nn/engine/common/denormals.h"
#include "nn/engine/gemm/gemm.h"
#include "nn/loss.h"

typedef struct fast {
    ws_plan plan;
    ws_fast_stage stages[WS_PLAN_MAX_STAGES];
    size_t max_batch;
    int n_threads;
    ws_arena arena;
    size_t n_scratch_bytes;                     /* of one thread */
    unsigned char *scratch;                     /* [n_threads, n_scratch_bytes] */
    double *label_gradients;                    /* [max_batch, n_labels] the loss works in double */
    double *label_logits;                       /* [max_batch, n_labels] */
    ws_phase_time times[WS_NETWORK_MAX_PHASES]; /* of the last run, work left out */
    const ws_phase *timed[WS_NETWORK_MAX_PHASES];
    size_t n_times;
    size_t n_forward;   /* of them; those after are backward */
    ws_pass last;       /* that run; its arrays may be gone */
    ws_shard_rule rule; /* of all stages' shards */
    ws_shards shards;   /* of the pass under way */
    ws_fast_sharing sharing;
} fast;

/** The last stage's output: the logits. */
static const ws_fast_stage *last_stage(const fast *engine)
{
    return &engine->stages[engine->plan.n_stages - 1];
}

static size_t count_labels(const fast *engine)
{
    return ws_shape_size(last_stage(engine)->plan->out);
}

/** Whether ranks share out the rows of a training batch. */
static bool is_shared(const fast *engine)
{
    return engine->rule.unit > 0 && engine->sharing.ranks != NULL;
}

/** Room for a stage's sums over ranks. */
static void place_sums(fast *engine, ws_fast_stage *stage, ws_layout *layout)
{
    const ws_fast_kit *kit = stage->kit;
    ws_fast_columns sums[WS_FAST_MAX_SUMS];

    stage->n_sums = kit->list_sums(stage, NULL, sums);
    stage->own = (ws_shard_span){0, sums[0].n_columns};
    if (!is_shared(engine))
        return;
    if (kit->list_finished != NULL)
        stage->own = ws_fast_share_columns(&engine->sharing, sums[0].n_columns);
    for (size_t i = 0; i < stage->n_sums; i++) {
        stage->sums[i].array = sums[i];
        ws_fast_exchange_place(&stage->sums[i], &engine->sharing, true, layout);
    }
    if (kit->list_finished == NULL)
        return;
    stage->finished.array = kit->list_finished(stage, NULL);
    ws_fast_exchange_place(&stage->finished, &engine->sharing, false, layout);
}

static void place_arrays(fast *engine, ws_layout *layout)
{
    for (size_t s = 0; s < engine->plan.n_stages; s++) {
        ws_fast_stage *stage = &engine->stages[s];
        const size_t n_y = engine->max_batch * ws_shape_size(stage->plan->out);
        const size_t n = stage->successor == NULL ? n_y : 0;
        stage->y = ws_layout_push(layout, n, sizeof(float));
        stage->dy = ws_layout_push(layout, n, sizeof(float));
        if (stage->kit->place != NULL)
            stage->kit->place(stage, layout);
        if (stage->kit->list_sums != NULL)
            place_sums(engine, stage, layout);
        if (s > 0)
            stage->x = engine->stages[s - 1].y;
        if (!stage->is_first)
            stage->dx = engine->stages[s - 1].dy;
    }
    const size_t n_logits = engine->max_batch * count_labels(engine);
    engine->label_logits = ws_layout_push(layout, n_logits, sizeof(double));
    engine->label_gradients = ws_layout_push(layout, n_logits, sizeof(double));
    ws_fast_sharing_place(&engine->sharing, layout);
    engine->scratch = ws_layout_push(layout, (size_t)engine->n_threads, engine->n_scratch_bytes);
}

/** Stages by FFT hand over tiles to the next one. */
static void link_stages(fast *engine)
{
    for (size_t s = 0; s + 1 < engine->plan.n_stages; s++) {
        ws_fast_stage *stage = &engine->stages[s], *next = stage + 1;
        if (!ws_fast_kit_hands_tiles(stage->kit) || !ws_fast_kit_hands_tiles(next->kit))
            continue;
        stage->successor = next;
        next->is_successor = true;
    }
}

/** Whether the features are quantised, and nobody wants a gradient of what comes out of it. */
static bool stages_begin_quantised(const fast *engine)
{
    return engine->plan.stages[0].kind == WS_OP_FAKE_QUANT;
}

/** Samples share rows before the first stage only; after it each has its own. */
static void choose_sharing(ws_fast_stage *first, size_t step)
{
    if (step > 0 && first->kit->shares_rows != NULL && first->kit->shares_rows(first, step))
        first->stream_step = step;
}

static void init_stages(fast *engine, const ws_engine_setup *setup)
{
    for (size_t s = 0; s < engine->plan.n_stages; s++) {
        ws_fast_stage *stage = &engine->stages[s];
        stage->plan = &engine->plan.stages[s];
        stage->max_batch = engine->max_batch;
        stage->level = setup->level;
        stage->is_first = s == 0 || (s == 1 && stages_begin_quantised(engine));
        stage->kit = ws_fast_kit_choose(stage, s, setup);
        if (stage->kit->init != NULL)
            stage->kit->init(stage);
    }
    engine->rule = (ws_shard_rule){1, WS_MIN_SHARD_ROWS};
    for (size_t s = 0; s < engine->plan.n_stages; s++) {
        const ws_fast_stage *stage = &engine->stages[s];
        const ws_shard_rule whole = {.unit = 0};
        engine->rule = ws_shard_rule_join(
            engine->rule, stage->kit->shard_rule != NULL ? stage->kit->shard_rule(stage) : whole);
    }
    choose_sharing(&engine->stages[0], setup->stream_step);
    link_stages(engine);
    for (size_t s = 0; s < engine->plan.n_stages; s++) {
        const ws_fast_stage *stage = &engine->stages[s];
        const size_t n = ws_arena_round(stage->kit->n_scratch_bytes(stage));
        if (n > engine->n_scratch_bytes)
            engine->n_scratch_bytes = n;
    }
}

static void fast_destroy(void *state)
{
    fast *engine = state;
    ws_arena_deinit(&engine->arena);
    free(engine);
}

/** Plan, stages and arrays of an engine of zeros. */
static ws_status fast_init(fast *engine, const ws_engine_setup *setup, ws_error *err)
{
    ws_layout layout = {0};
    ws_status status = ws_plan_init(&engine->plan, setup->graph, err);

    if (status != WS_OK)
        return status;
    engine->max_batch = setup->max_batch;
    engine->n_threads = (int)setup->n_threads;
    engine->sharing.ranks = setup->ranks;
    engine->sharing.n_threads = (int)setup->n_threads;
    ws_gemm_use_one_thread();
    init_stages(engine, setup);
    place_arrays(engine, &layout);
    status = ws_layout_reserve(&layout, &engine->arena, err);
    if (status == WS_OK)
        place_arrays(engine, &layout);
    return status;
}

static ws_status fast_check(const ws_graph *graph, ws_error *err)
{
    ws_plan plan;
    return ws_plan_init(&plan, graph, err);
}

static ws_status fast_create(void **state, const ws_engine_setup *setup, ws_error *err)
{
    fast *engine = calloc(1, sizeof *engine);

    if (engine == NULL)
        return ws_fail_memory(err, "the fast engine");
    const ws_status status = fast_init(engine, setup, err);
    if (status != WS_OK) {
        fast_destroy(engine);
        return status;
    }
    *state = engine;
    return WS_OK;
}

/** All items of a phase, on all threads; a free thread takes the next. */
static void run_phase(fast *engine, const ws_pass *pass, ws_fast_stage *stage,
                      const ws_phase *phase)
{
    const size_t n_items = phase->n_items(stage, pass->n);

#pragma omp parallel num_threads(phase->is_small ? 1 : engine->n_threads)
    {
        const unsigned mode = ws_denormals_flush();
        ws_phase_run run = {.pass = pass, .stage = stage};
        run.scratch = engine->scratch + (size_t)omp_get_thread_num() * engine->n_scratch_bytes;
#pragma omp for schedule(dynamic)
        for (size_t item = 0; item < n_items; item++) {
            run.item = item;
            phase->run(&run);
        }
        ws_denormals_restore(mode);
    }
}

static void time_phase(fast *engine, const ws_pass *pass, ws_fast_stage *stage,
                       const ws_phase *phase)
{
    const double start = ws_clock_monotonic();

    run_phase(engine, pass, stage, phase);
    engine->timed[engine->n_times] = phase;
    engine->times[engine->n_times++] = (ws_phase_time){
        .name = phase->name,
        .stage = (size_t)(stage - engine->stages),
        .seconds = ws_clock_monotonic() - start,
    };
}

/** Phases forward, or back. */
static void run_phases(fast *engine, const ws_pass *pass, ws_fast_stage *stage,
                       const ws_phase *phases)
{
    for (size_t i = 0; i < WS_KIT_MAX_PHASES && phases[i].run != NULL && pass->n > 0; i++) {
        if (phases[i].n_items(stage, pass->n) > 0)
            time_phase(engine, pass, stage, &phases[i]);
        ws_ranks_progress(engine->sharing.ranks);
    }
}

static void run_late(fast *engine, const ws_pass *pass, ws_fast_stage *stage)
{
    const ws_phase *late = &stage->kit->late;

    if (late->run != NULL && late->n_items(stage, pass->n) > 0)
        time_phase(engine, pass, stage, late);
}

/** Begins to hand the other ranks what this one has summed. */
static void begin_sums(fast *engine, const ws_pass *pass, ws_fast_stage *stage)
{
    ws_fast_columns sums[WS_FAST_MAX_SUMS];

    (void)stage->kit->list_sums(stage, pass, sums);
    for (size_t i = 0; i < stage->n_sums; i++) {
        stage->sums[i].array = sums[i];
        ws_fast_exchange_begin(&stage->sums[i], &engine->sharing);
    }
}

/** Adds up what all ranks have summed, and begins to hand round the results. */
static void add_sums(fast *engine, const ws_pass *pass, ws_fast_stage *stage)
{
    const bool is_apart = stage->kit->list_finished != NULL;

    for (size_t i = 0; i < stage->n_sums; i++) {
        ws_fast_exchange_add(&stage->sums[i], &engine->sharing);
        if (!is_apart || i > 0)
            ws_fast_exchange_gather(&stage->sums[i], &engine->sharing);
    }
    run_late(engine, pass, stage);
    if (!is_apart)
        return;
    stage->finished.array = stage->kit->list_finished(stage, pass);
    ws_fast_exchange_gather(&stage->finished, &engine->sharing);
}

static void finish_sums(fast *engine, ws_fast_stage *stage)
{
    const bool is_apart = stage->kit->list_finished != NULL;

    for (size_t i = is_apart ? 1 : 0; i < stage->n_sums; i++)
        ws_fast_exchange_finish(&stage->sums[i], &engine->sharing);
    if (is_apart)
        ws_fast_exchange_finish(&stage->finished, &engine->sharing);
}

/** A stage's sums travel while the stages before it are on their way back. */
static void run_backward(fast *engine, const ws_pass *pass)
{
    const size_t n_stages = engine->plan.n_stages;

    for (size_t s = n_stages; s > 0; s--) {
        ws_fast_stage *stage = &engine->stages[s - 1];
        run_phases(engine, pass, stage, stage->kit->backward);
        if (is_shared(engine))
            begin_sums(engine, pass, stage);
        else
            run_late(engine, pass, stage);
    }
    for (size_t s = n_stages; s > 0 && is_shared(engine); s--)
        add_sums(engine, pass, &engine->stages[s - 1]);
    for (size_t s = n_stages; s > 0 && is_shared(engine); s--)
        finish_sums(engine, &engine->stages[s - 1]);
}

/** The shards of a rank; all, where the batch is not shared out. */
static ws_shard_span span_of(const fast *engine, size_t n_shards, size_t rank)
{
    if (!is_shared(engine))
        return (ws_shard_span){0, n_shards};
    return ws_shards_share(n_shards, ws_ranks_count(engine->sharing.ranks), rank);
}

static ws_range fast_share(const void *state, size_t n, size_t rank)
{
    const fast *engine = state;
    const size_t n_shards = ws_shards_count(engine->rule, n);
    const ws_shard_span span = span_of(engine, n_shards, rank);
    return (ws_range){ws_shards_begin(engine->rule, n, n_shards, span.begin),
                      ws_shards_begin(engine->rule, n, n_shards, span.end)};
}

/** Before a training step. */
static void set_shards(fast *engine, const ws_pass *pass)
{
    const size_t n_shards = ws_shards_count(engine->rule, pass->n_all);
    const size_t rank = ws_ranks_rank(engine->sharing.ranks);

    engine->sharing.n_shards = n_shards;
    engine->shards =
        ws_shards_make(engine->rule, pass->n_all, n_shards, span_of(engine, n_shards, rank));
    for (size_t s = 0; s < engine->plan.n_stages; s++)
        engine->stages[s].shards = &engine->shards;
}

/** Losses of the samples, and the gradient by the last stage's y: the batch's mean loss. One
 *  exponential a sample and label, so it is not a phase. */
static void run_loss(fast *engine, const ws_pass *pass)
{
    const ws_fast_stage *last = last_stage(engine);
    const size_t n_labels = count_labels(engine);

    for (size_t i = 0; i < pass->n; i++) {
        double *logits = engine->label_logits + i * n_labels;
        double *gradient = engine->label_gradients + i * n_labels;
        for (size_t k = 0; k < n_labels; k++)
            logits[k] = (double)last->y[i * n_labels + k];
        pass->losses[i] =
            ws_sample_loss(pass->labels, &pass->targets, i, logits, n_labels, gradient);
        for (size_t k = 0; k < n_labels; k++)
            last->dy[i * n_labels + k] = (float)(gradient[k] / (double)pass->n_all);
    }
}

/** The pass, with masks to be drawn by the engine's own instruction set. */
static ws_pass adapt_pass(const fast *engine, const ws_pass *asked, ws_dropout *dropout)
{
    ws_pass pass = *asked;

    if (asked->dropout != NULL) {
        *dropout = *asked->dropout;
        dropout->level = engine->stages[0].level;
        pass.dropout = dropout;
    }
    return pass;
}

static void fast_run(void *state, const ws_pass *asked)
{
    fast *engine = state;
    const size_t n_stages = engine->plan.n_stages;
    ws_dropout dropout;
    const ws_pass adapted = adapt_pass(engine, asked, &dropout), *pass = &adapted;

    engine->stages[0].x = pass->features;
    engine->n_times = 0;
    engine->last = *pass;
    if (pass->labels != NULL)
        set_shards(engine, pass);
    for (size_t s = 0; s < n_stages; s++)
        run_phases(engine, pass, &engine->stages[s], engine->stages[s].kit->forward);
    engine->n_forward = engine->n_times;
    memcpy(pass->logits, last_stage(engine)->y, pass->n * count_labels(engine) * sizeof(float));
    if (pass->labels == NULL)
        return;
    run_loss(engine, pass);
    run_backward(engine, pass);
}

static size_t fast_phases(const void *state, ws_phase_time *phases)
{
    const fast *engine = state;

    for (size_t i = 0; i < engine->n_times; i++) {
        phases[i] = engine->times[i];
        phases[i].is_backward = i >= engine->n_forward;
        phases[i].work = engine->timed[i]->count(&engine->stages[phases[i].stage], &engine->last);
    }
    return engine->n_times;
}

static size_t fast_bytes(const void *state)
{
    return ((const fast *)state)->arena.size;
}

static bool fast_shares_rows(const void *state)
{
    return ((const fast *)state)->stages[0].stream_step > 0;
}

const ws_engine_kind ws_engine_fast = {
    .name = "fast",
    .check = fast_check,
    .create = fast_create,
    .destroy = fast_destroy,
    .run = fast_run,
    .share = fast_share,
    .phases = fast_phases,
    .bytes = fast_bytes,
    .shares_rows = fast_shares_rows,
};
