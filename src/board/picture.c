#include "board/picture.h"

void ws_board_add_picture(ws_board *board, ws_board_place place, int64_t step, const char *tag,
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
    ws_board_check(board, place, tbe_add_image(ws_board_writer(board, place), step, tag, &image));
}
