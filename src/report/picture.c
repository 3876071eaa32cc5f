#include "report/picture.h"

#include <stdio.h>
#include <stdlib.h>

#include "plot/font.h"

void ws_report_add_picture(ws_report *report, ws_report_place place, int64_t step, const char *tag,
                           const ws_canvas *canvas)
{
    tbe_image image;
    tbe_image_init(&image, sizeof image);
    image.format = TBE_PIXELS_PALETTE;
    image.width = (uint32_t)canvas->width;
    image.height = (uint32_t)canvas->height;
    image.pixels = canvas->pixels;
    image.palette = &canvas->palette[0][0];
    image.n_colours = (size_t)canvas->n_colours;
    ws_report_check(report, place,
                    tbe_add_image(ws_report_writer(report, place), step, tag, &image));
}

ws_status ws_picture_labels_init(ws_picture_labels *labels, const ws_observation *observation,
                                 ws_error *err)
{
    const size_t n = observation->n_labels;

    labels->names = calloc(n, sizeof *labels->names);
    labels->numbers = calloc(n, sizeof *labels->numbers);
    if (labels->names == NULL || labels->numbers == NULL) {
        ws_picture_labels_deinit(labels);
        return ws_fail_memory(err, "the labels of pictures");
    }
    for (size_t i = 0; i < n; i++) {
        const char *label = observation->labels[i];
        (void)snprintf(labels->numbers[i], sizeof labels->numbers[i], "#%d", (int)i);
        labels->names[i] = ws_font_has(label) ? label : labels->numbers[i];
    }
    return WS_OK;
}

void ws_picture_labels_deinit(ws_picture_labels *labels)
{
    free(labels->names);
    free(labels->numbers);
    *labels = (ws_picture_labels){.names = NULL};
}
