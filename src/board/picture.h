/** A canvas as a picture in an event file. */
#ifndef WS_BOARD_PICTURE_H
#define WS_BOARD_PICTURE_H

#include "board/view.h"
#include "plot/canvas.h"

/** A failure is told as ws_board_check does. */
void ws_board_add_picture(ws_board *board, ws_board_place place, int64_t step, const char *tag,
                          const ws_canvas *canvas);

#endif
