#include <stddef.h>
#include <string.h>

#include "plugins.pb-c.h"
#include "tbevents/elements.h"

void tbe_layout_init(tbe_layout *layout, size_t struct_size, size_t chart_size)
{
    memset(layout, 0, struct_size);
    layout->struct_size = struct_size;
    if (struct_size > offsetof(tbe_layout, chart_size))
        layout->chart_size = chart_size;
}

static tbe_status check_chart(tbe_writer *writer, const tbe_chart *chart)
{
    if (chart->title == NULL || chart->category == NULL)
        return tbe_refuse(writer, TBE_EINVAL, "a chart has no title or no category");
    tbe_status status = tbe_check_text(writer, chart->title, "title", chart->title, TBE_TEXT_LINE);
    if (status == TBE_OK)
        status = tbe_check_text(writer, chart->title, "category", chart->category, TBE_TEXT_LINE);
    if (status != TBE_OK)
        return status;
    if (chart->kind != TBE_CHART_LINES && chart->kind != TBE_CHART_BAND)
        return tbe_refuse(writer, TBE_EINVAL,
                          "the chart " TBE_QUOTE " has a kind that this library does not know",
                          chart->title);
    if (chart->tags == NULL || chart->n_tags == 0 ||
        (chart->kind == TBE_CHART_BAND && chart->n_tags % 3 != 0))
        return tbe_refuse(writer, TBE_EINVAL,
                          "the chart " TBE_QUOTE
                          " has no tags, or a band that has not three tags a curve",
                          chart->title);
    if (chart->n_tags > TBE_MAX_CHART_TAGS)
        return tbe_refuse(writer, TBE_ELIMIT, "the chart " TBE_QUOTE " has above %d tags",
                          chart->title, TBE_MAX_CHART_TAGS);
    for (size_t i = 0; status == TBE_OK && i < chart->n_tags; i++)
        status = tbe_check_tag(writer, chart->tags[i], NULL);
    return status;
}

/** Copies the caller's charts and checks them. */
static tbe_status take_charts(tbe_writer *writer, tbe_pool *pool, tbe_layout *layout)
{
    const tbe_elements theirs = {"charts of a layout", layout->n_charts,   TBE_MAX_CHARTS,
                                 layout->charts,       layout->chart_size, sizeof(tbe_chart)};
    void *own = NULL;

    if (layout->n_charts == 0)
        return tbe_refuse(writer, TBE_EINVAL, "the layout has no charts");
    tbe_status status = tbe_take_elements(writer, pool, &theirs, &own);
    layout->charts = own;
    for (size_t i = 0; status == TBE_OK && i < layout->n_charts; i++)
        status = check_chart(writer, &layout->charts[i]);
    return status;
}

static bool set_lines(tbe_pool *pool, const tbe_chart *chart, Tbproto__Chart *message)
{
    Tbproto__Chart__Multiline *lines = tbe_pool_new(pool, 1, sizeof *lines);
    char **tags = tbe_pool_new(pool, chart->n_tags, sizeof *tags);

    if (lines == NULL || tags == NULL)
        return false;
    for (size_t i = 0; i < chart->n_tags; i++)
        tags[i] = tbe_text_unconst(chart->tags[i]);
    tbproto__chart__multiline__init(lines);
    lines->n_tag = chart->n_tags;
    lines->tag = tags;
    message->content_case = TBPROTO__CHART__CONTENT_MULTILINE;
    message->multiline = lines;
    return true;
}

static bool set_band(tbe_pool *pool, const tbe_chart *chart, Tbproto__Chart *message)
{
    const size_t n = chart->n_tags / 3;
    Tbproto__Chart__Margin *band = tbe_pool_new(pool, 1, sizeof *band);
    Tbproto__Chart__Margin__Series *series = tbe_pool_new(pool, n, sizeof *series);
    Tbproto__Chart__Margin__Series **pointers = tbe_pool_new(pool, n, sizeof series);

    if (band == NULL || series == NULL || pointers == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        tbproto__chart__margin__series__init(&series[i]);
        series[i].value = tbe_text_unconst(chart->tags[3 * i]);
        series[i].lower = tbe_text_unconst(chart->tags[3 * i + 1]);
        series[i].upper = tbe_text_unconst(chart->tags[3 * i + 2]);
        pointers[i] = &series[i];
    }
    tbproto__chart__margin__init(band);
    band->n_series = n;
    band->series = pointers;
    message->content_case = TBPROTO__CHART__CONTENT_MARGIN;
    message->margin = band;
    return true;
}

/** Sets all charts. @param charts [n_charts]  @param pointers [n_charts] to them */
static bool set_charts(tbe_pool *pool, const tbe_layout *layout, Tbproto__Chart *charts,
                       Tbproto__Chart **pointers)
{
    for (size_t i = 0; i < layout->n_charts; i++) {
        const tbe_chart *chart = &layout->charts[i];
        tbproto__chart__init(&charts[i]);
        charts[i].title = tbe_text_unconst(chart->title);
        pointers[i] = &charts[i];
        const bool done = chart->kind == TBE_CHART_BAND ? set_band(pool, chart, &charts[i])
                                                        : set_lines(pool, chart, &charts[i]);
        if (!done)
            return false;
    }
    return true;
}

/** Divides the charts among categories. @param categories [n_charts] room  @return their number */
static size_t set_categories(const tbe_layout *layout, Tbproto__Chart **charts,
                             Tbproto__Category *categories, Tbproto__Category **pointers)
{
    size_t n = 0;
    for (size_t i = 0; i < layout->n_charts; i++) {
        const char *title = layout->charts[i].category;
        if (n == 0 || strcmp(categories[n - 1].title, title) != 0) {
            tbproto__category__init(&categories[n]);
            categories[n].title = tbe_text_unconst(title);
            categories[n].chart = charts + i;
            pointers[n] = &categories[n];
            n++;
        }
        categories[n - 1].n_chart++;
    }
    return n;
}

/** @return the layout as bytes of the pool; without data: no memory */
static tbe_bytes pack_layout(tbe_pool *pool, const tbe_layout *layout)
{
    Tbproto__Layout message;
    Tbproto__Chart *charts = tbe_pool_new(pool, layout->n_charts, sizeof *charts);
    Tbproto__Chart **chart_pointers = tbe_pool_new(pool, layout->n_charts, sizeof charts);
    Tbproto__Category *categories = tbe_pool_new(pool, layout->n_charts, sizeof *categories);
    Tbproto__Category **pointers = tbe_pool_new(pool, layout->n_charts, sizeof categories);

    tbproto__layout__init(&message);
    if (charts == NULL || chart_pointers == NULL || categories == NULL || pointers == NULL ||
        !set_charts(pool, layout, charts, chart_pointers))
        return (tbe_bytes){NULL, 0};
    message.n_category = set_categories(layout, chart_pointers, categories, pointers);
    message.category = pointers;
    return tbe_pool_pack(pool, &message.base);
}

static tbe_status append_layout(tbe_writer *writer, tbe_pool *pool, const tbe_layout *layout)
{
    const tbe_bytes bytes = pack_layout(pool, layout);
    tbe_tensor_value value = {
        .tag = "custom_scalars__config__",
        .plugin = "custom_scalars",
        .data_class = TBE_CLASS_TENSOR,
        .type = TBE_ELEMENT_STRING,
        .n_strings = 1,
        .strings = &bytes,
    };
    if (bytes.data == NULL)
        return tbe_refuse(writer, TBE_ENOMEM, "no memory for the layout");
    return tbe_add_tensor(writer, 0, &value);
}

tbe_status tbe_add_layout(tbe_writer *writer, const tbe_layout *layout)
{
    tbe_pool pool = {.blocks = NULL};
    tbe_layout own;
    tbe_status status = tbe_check_writer(writer);

    if (status == TBE_OK)
        status = tbe_take(writer, "layout", &own, sizeof own, layout, "tbe_layout_init");
    if (status == TBE_OK)
        status = take_charts(writer, &pool, &own);
    if (status == TBE_OK)
        status = append_layout(writer, &pool, &own);
    tbe_pool_deinit(&pool);
    return status;
}
