/**
 * tbevents: what is known of a run as a whole: its graph, how long each node of it takes, its
 * hyperparameters, and which curves share a chart. tbevents.h has the rules that hold for all.
 */
#ifndef TBEVENTS_RUN_H
#define TBEVENTS_RUN_H

#include <tbevents/core.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TBE_MAX_NODES      65536 /* of a graph */
#define TBE_MAX_PER_NODE   4096  /* its inputs, its attributes, each */
#define TBE_MAX_DIMENSIONS 254   /* of a node's output */
#define TBE_MAX_HPARAMS    4096  /* hyperparameters, metrics, values of a domain, each */
#define TBE_MAX_CHARTS     4096  /* of a layout */
#define TBE_MAX_CHART_TAGS 4096  /* of a chart */

/** Kinds of attributes. 0 is not a kind. */
typedef enum tbe_attribute_kind {
    TBE_ATTRIBUTE_INTEGER = 1,
    TBE_ATTRIBUTE_NUMBER = 2,
    TBE_ATTRIBUTE_TEXT = 3,
    TBE_ATTRIBUTE_BOOL = 4 /**< integer is not 0 */
} tbe_attribute_kind;

/** Something to be shown with a node: its parameters, its strides. */
typedef struct tbe_attribute {
    const char *name; /**< not starting with '_' */
    tbe_attribute_kind kind;
    int64_t integer;
    double number; /**< finite; stored as float */
    const char *text;
} tbe_attribute;

/** A node of a graph. */
typedef struct tbe_node {
    /** Unique; parts between '/' are boxes within boxes. Without ':', and not starting with '^'. */
    const char *name;
    /** What it does, for example "Conv2D". */
    const char *op;
    /** The device that it runs on; NULL: not shown. */
    const char *device;
    /** [n_inputs] names of nodes of this graph; borrowed. */
    const char *const *inputs;
    size_t n_inputs;
    /** [n_dims] shape of the output, -1: unknown; NULL: no shape is shown; borrowed. */
    const int64_t *shape;
    size_t n_dims;
    /** [n_attributes]; borrowed. */
    const tbe_attribute *attributes;
    size_t n_attributes;
} tbe_node;

/** A graph in the caller's memory. */
typedef struct tbe_graph {
    /** sizeof(tbe_graph) of the caller; tbe_graph_init() sets it. */
    size_t struct_size;
    /** sizeof(tbe_node) of the caller. */
    size_t node_size;
    /** [n_nodes], at most TBE_MAX_NODES; borrowed. */
    const tbe_node *nodes;
    size_t n_nodes;
    /** sizeof(tbe_attribute) of the caller. */
    size_t attribute_size;
} tbe_graph;

#define TBE_GRAPH_INIT \
    TBE_INIT_SIZED_2(tbe_graph, node_size, tbe_node, attribute_size, tbe_attribute)

/** Sets the sizes, all else to 0; call it as
 *  tbe_graph_init(&graph, sizeof graph, sizeof(tbe_node), sizeof(tbe_attribute)). */
TBE_API void tbe_graph_init(tbe_graph *graph, size_t struct_size, size_t node_size,
                            size_t attribute_size);

/**
 * Adds the graph of the run. TensorBoard shows one graph per run, the newest.
 *
 *     static const char *const inputs[] = {"clip"};
 *     static const int64_t shape[] = {-1, 12};
 *     static const tbe_attribute parameters = {"parameters", TBE_ATTRIBUTE_INTEGER, 768, 0, NULL};
 *     tbe_node nodes[2];
 *     memset(nodes, 0, sizeof nodes);
 *     nodes[0].name = "clip";
 *     nodes[0].op = "Placeholder";
 *     nodes[1].name = "layers/dense";
 *     nodes[1].op = "MatMul";
 *     nodes[1].inputs = inputs;
 *     nodes[1].n_inputs = 1;
 *     nodes[1].shape = shape;
 *     nodes[1].n_dims = 2;
 *     nodes[1].attributes = &parameters;
 *     nodes[1].n_attributes = 1;
 *     tbe_graph graph = TBE_GRAPH_INIT;
 *     graph.nodes = nodes;
 *     graph.n_nodes = 2;
 *     tbe_add_graph(writer, &graph);
 *
 * @param graph  borrowed
 * @return TBE_OK; TBE_EINVAL, TBE_ELIMIT, TBE_ENOMEM (nothing is written); TBE_EBUSY (dropped); or
 *         why the writer is broken. All below return this.
 */
TBE_API tbe_status tbe_add_graph(tbe_writer *writer, const tbe_graph *graph);

/** When a node of the graph ran. */
typedef struct tbe_node_time {
    const char *name;     /**< as in the graph */
    int64_t start_us;     /**< microseconds from any common beginning, not negative */
    int64_t duration_us;  /**< microseconds, not negative */
    int64_t output_bytes; /**< memory of its output, not negative; 0: not shown */
} tbe_node_time;

/** When the nodes of a graph ran, in one step. */
typedef struct tbe_run_times {
    /** sizeof(tbe_run_times) of the caller; tbe_run_times_init() sets it. */
    size_t struct_size;
    /** [n_nodes], at most TBE_MAX_NODES; borrowed. */
    const tbe_node_time *nodes;
    size_t n_nodes;
    /** sizeof(tbe_node_time) of the caller. */
    size_t node_size;
} tbe_run_times;

#define TBE_RUN_TIMES_INIT TBE_INIT_SIZED_1(tbe_run_times, node_size, tbe_node_time)

/** Sets the sizes, all else to 0; call it as
 *  tbe_run_times_init(&times, sizeof times, sizeof(tbe_node_time)). */
TBE_API void tbe_run_times_init(tbe_run_times *times, size_t struct_size, size_t node_size);

/**
 * Adds measured times (TensorBoard calls them run metadata). The page lists them by name and can
 * colour the graph by them.
 *
 *     static const tbe_node_time dense = {"layers/dense", 0, 1500, 4800};
 *     tbe_run_times times = TBE_RUN_TIMES_INIT;
 *     times.nodes = &dense;
 *     times.n_nodes = 1;
 *     tbe_add_run_times(writer, 100, "step 100", &times);
 *
 * @param name   as a tag; one that the run has not had yet
 * @param times  borrowed
 */
TBE_API tbe_status tbe_add_run_times(tbe_writer *writer, int64_t step, const char *name,
                                     const tbe_run_times *times);

/** Kinds of charts. */
typedef enum tbe_chart_kind {
    TBE_CHART_LINES = 0, /**< a curve a tag */
    TBE_CHART_BAND = 1   /**< three tags a curve: its value, its lower and its upper bound */
} tbe_chart_kind;

/** A chart of the Custom Scalars page. */
typedef struct tbe_chart {
    /** Charts that follow each other with equal text here are in one category. */
    const char *category;
    const char *title;
    tbe_chart_kind kind;
    /** [n_tags]; borrowed. The page fails at a tag with '(', so charts should show none. Of lines:
     * regular expressions that must match from the start of a tag, in all runs that are shown. Of
     * bands: tags as they are, a multiple of three. */
    const char *const *tags;
    size_t n_tags;
} tbe_chart;

/** Charts in the caller's memory. */
typedef struct tbe_layout {
    /** sizeof(tbe_layout) of the caller; tbe_layout_init() sets it. */
    size_t struct_size;
    /** [n_charts], 1 to TBE_MAX_CHARTS; borrowed. */
    const tbe_chart *charts;
    size_t n_charts;
    /** sizeof(tbe_chart) of the caller. */
    size_t chart_size;
} tbe_layout;

#define TBE_LAYOUT_INIT TBE_INIT_SIZED_1(tbe_layout, chart_size, tbe_chart)

/** Sets the sizes, all else to 0; call it as
 *  tbe_layout_init(&layout, sizeof layout, sizeof(tbe_chart)). */
TBE_API void tbe_layout_init(tbe_layout *layout, size_t struct_size, size_t chart_size);

/**
 * Adds the layout of the Custom Scalars page. One per run is enough; TensorBoard joins the layouts
 * of several runs.
 *
 *     static const char *const tags[] = {"eval/accuracy"};
 *     static const tbe_chart chart = {"progress", "accuracy", TBE_CHART_LINES, tags, 1};
 *     tbe_layout layout = TBE_LAYOUT_INIT;
 *     layout.charts = &chart;
 *     layout.n_charts = 1;
 *     tbe_add_layout(writer, &layout);
 */
TBE_API tbe_status tbe_add_layout(tbe_writer *writer, const tbe_layout *layout);

/** Types of hyperparameters. A name must have the same type in all runs. 0 is not a type. */
typedef enum tbe_hparam_kind {
    TBE_HPARAM_NUMBER = 1,
    TBE_HPARAM_TEXT = 2,
    TBE_HPARAM_BOOL = 3
} tbe_hparam_kind;

/** A hyperparameter and its value in a run. */
typedef struct tbe_hparam {
    const char *name;
    tbe_hparam_kind kind;
    double number;    /**< of a number: finite; of a bool: not 0 is true */
    const char *text; /**< of a text; "" is allowed */
} tbe_hparam;

/** A run as a row of the HParams page. */
typedef struct tbe_session {
    /** sizeof(tbe_session) of the caller; tbe_session_init() sets it. */
    size_t struct_size;
    /** [n_hparams], each name once, at most TBE_MAX_HPARAMS; borrowed. */
    const tbe_hparam *hparams;
    size_t n_hparams;
    /** Runs of one group are one row, with the means of their metrics: give them equal
     *  hyperparameters. NULL: the run's own name. */
    const char *group_name;
    /** Seconds since 1970, (0, TBE_MAX_WALL_TIME]; 0: now. */
    double start_time;
    /** sizeof(tbe_hparam) of the caller. */
    size_t hparam_size;
} tbe_session;

#define TBE_SESSION_INIT TBE_INIT_SIZED_1(tbe_session, hparam_size, tbe_hparam)

/** The tags of the two records, for programs that look for them in a file. */
#define TBE_SESSION_START_TAG "_hparams_/session_start_info"
#define TBE_SESSION_END_TAG   "_hparams_/session_end_info"

/** Sets the sizes, all else to 0; call it as
 *  tbe_session_init(&session, sizeof session, sizeof(tbe_hparam)). */
TBE_API void tbe_session_init(tbe_session *session, size_t struct_size, size_t hparam_size);

/**
 * Adds a run to the HParams page, with its hyperparameters. Metrics are scalars of this run or of
 * the runs below it; the page shows the last value of each, so write final and best values under
 * tags of their own. Steps of metrics must fit into 32 bits, or the page fails for all runs. A
 * writer with a session refuses other steps; in the runs below it the caller must see to that.
 *
 *     static const tbe_hparam hparams[] = {{"learning_rate", TBE_HPARAM_NUMBER, 0.001, NULL},
 *                                          {"model", TBE_HPARAM_TEXT, 0, "conv"}};
 *     tbe_session session = TBE_SESSION_INIT;
 *     session.hparams = hparams;
 *     session.n_hparams = 2;
 *     tbe_add_session_start(writer, &session);
 *     // ... the run; then, also where it failed:
 *     tbe_add_session_end(writer, TBE_SESSION_SUCCESS, 0);
 */
TBE_API tbe_status tbe_add_session_start(tbe_writer *writer, const tbe_session *session);

/** How a run ended. Without an end the page shows its state as unknown. */
typedef enum tbe_session_end { TBE_SESSION_SUCCESS = 1, TBE_SESSION_FAILURE = 2 } tbe_session_end;

/** Adds how and when the run ended. Call it once: TensorBoard keeps the first end.
 *  @param end_time  seconds since 1970, (0, TBE_MAX_WALL_TIME]; 0: now */
TBE_API tbe_status tbe_add_session_end(tbe_writer *writer, tbe_session_end end, double end_time);

/** What a hyperparameter is, and which values it takes in an experiment. */
typedef struct tbe_hparam_info {
    const char *name;
    tbe_hparam_kind kind;
    const char *display_name; /**< NULL: the name */
    const char *description;  /**< Markdown; NULL: none */
    /** [n_values] the values that it takes, of numbers or of texts (bools have both anyway);
     *  borrowed. */
    const double *numbers;
    const char *const *texts;
    size_t n_values;
    /** Of numbers without such a list: the range, least <= most; both 0: unknown. */
    double least;
    double most;
} tbe_hparam_info;

/** The data that a metric is about. */
typedef enum tbe_metric_set {
    TBE_METRIC_UNKNOWN = 0,
    TBE_METRIC_TRAINING = 1,
    TBE_METRIC_VALIDATION = 2
} tbe_metric_set;

/** A metric: a scalar of each run. */
typedef struct tbe_metric_info {
    const char *tag;
    const char *group;        /**< the run below the session's that has it; NULL: the session's */
    const char *display_name; /**< NULL: group and tag */
    const char *description;  /**< Markdown; NULL: none */
    tbe_metric_set set;
} tbe_metric_info;

/** What a set of runs is about. */
typedef struct tbe_experiment {
    /** sizeof(tbe_experiment) of the caller; tbe_experiment_init() sets it. */
    size_t struct_size;
    const char *name;        /**< NULL: none */
    const char *description; /**< Markdown; NULL: none */
    const char *user;        /**< NULL: none */
    /** Seconds since 1970, (0, TBE_MAX_WALL_TIME]; 0: now. */
    double created_time;
    /** [n_hparams] all that any of the runs has, at most TBE_MAX_HPARAMS; borrowed. */
    const tbe_hparam_info *hparams;
    size_t n_hparams;
    /** [n_metrics], at most TBE_MAX_HPARAMS; borrowed. */
    const tbe_metric_info *metrics;
    size_t n_metrics;
    /** sizeof(tbe_hparam_info) of the caller. */
    size_t hparam_size;
    /** sizeof(tbe_metric_info) of the caller. */
    size_t metric_size;
} tbe_experiment;

#define TBE_EXPERIMENT_INIT \
    TBE_INIT_SIZED_2(tbe_experiment, hparam_size, tbe_hparam_info, metric_size, tbe_metric_info)

/** Sets the sizes, all else to 0; call it as tbe_experiment_init(&experiment, sizeof experiment,
 *  sizeof(tbe_hparam_info), sizeof(tbe_metric_info)). */
TBE_API void tbe_experiment_init(tbe_experiment *experiment, size_t struct_size, size_t hparam_size,
                                 size_t metric_size);

/**
 * Adds what a set of runs is about. Write it once, in the directory above the runs. TensorBoard
 * takes the first experiment that it finds and then shows only what that names. Without one it
 * shows what it finds in the runs.
 *
 *     static const tbe_hparam_info rate = {"learning_rate", TBE_HPARAM_NUMBER, NULL, NULL,
 *                                          NULL, NULL, 0, 1e-4, 1e-1};
 *     static const tbe_metric_info accuracy = {"best_accuracy", NULL, NULL, NULL,
 *                                              TBE_METRIC_VALIDATION};
 *     tbe_experiment experiment = TBE_EXPERIMENT_INIT;
 *     experiment.hparams = &rate;
 *     experiment.n_hparams = 1;
 *     experiment.metrics = &accuracy;
 *     experiment.n_metrics = 1;
 *     tbe_add_experiment(writer, &experiment);
 */
TBE_API tbe_status tbe_add_experiment(tbe_writer *writer, const tbe_experiment *experiment);

#ifdef __cplusplus
}
#endif

#endif
