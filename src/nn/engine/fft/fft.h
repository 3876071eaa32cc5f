/** Private: what the phases of a convolution by FFT share (fft.c, fft_forward.c, fft_backward.c).
 */
#ifndef WS_NN_ENGINE_FFT_FFT_H
#define WS_NN_ENGINE_FFT_FFT_H

#include "nn/engine/common/live.h"
#include "nn/engine/common/stage.h"

/** A thread's scratch. */
typedef struct fft_scratch {
    float *work; /* of this stage's transforms and its successor's, one after the other */
    float *rows; /* [most rows of a group, middle.w, 16] what lies between product and tail */
    float *tile; /* [h, w, 16] of input or output */
} fft_scratch;

fft_scratch ws_fft_scratch_divide(const ws_phase_run *run);

/** The tail of one sample and block, with codes if there will be a way back. */
ws_tail ws_fft_tail_make(const ws_phase_run *run, size_t sample, int block);

/** Chunks of samples that the gradient of one input channel's weights is summed in. */
size_t ws_fft_chunks_count(const ws_fast_stage *stage, size_t n);

/** Channels of a block of `c` that exist, at most 16. */
static inline size_t fft_lanes(size_t c, int block)
{
    const size_t left = c - (size_t)block * WS_TILE_LANES;
    return left < WS_TILE_LANES ? left : WS_TILE_LANES;
}

/** Maps of one sample's x (common/stage.h: seen). */
static inline size_t fft_maps_count(const ws_fast_stage *stage)
{
    return stage->is_successor ? (size_t)stage->fft.conv.in_blocks : 1;
}

/** Between [places, c] and a tile [places, 16]: of one block, whose lanes may not all exist. */
void ws_fft_tile_gather(const float *from, size_t n_places, size_t c, int block, float *tile);
void ws_fft_tile_scatter(const float *tile, size_t n_places, size_t c, int block, float *to);

/* The phases; see the kits in fft.c. */
size_t ws_fft_items_spectra(const ws_fast_stage *stage, size_t n);
size_t ws_fft_items_frequencies(const ws_fast_stage *stage, size_t n);
size_t ws_fft_items_tiles(const ws_fast_stage *stage, size_t n);
size_t ws_fft_items_backward_product(const ws_fast_stage *stage, size_t n);
size_t ws_fft_items_input(const ws_fast_stage *stage, size_t n);
size_t ws_fft_items_own(const ws_fast_stage *stage, size_t n);
size_t ws_fft_items_chunks(const ws_fast_stage *stage, size_t n);
size_t ws_fft_items_blocks(const ws_fast_stage *stage, size_t n);
void ws_fft_spectra(const ws_phase_run *run);
void ws_fft_forward_product(const ws_phase_run *run);
void ws_fft_outputs(const ws_phase_run *run);
void ws_fft_one_outputs(const ws_phase_run *run);
void ws_fft_output_gradients(const ws_phase_run *run);
void ws_fft_backward_product(const ws_phase_run *run);
void ws_fft_input_gradients(const ws_phase_run *run);
void ws_fft_gradients(const ws_phase_run *run);
void ws_fft_one_sums(const ws_phase_run *run);
void ws_fft_one_chunk(const ws_phase_run *run);
void ws_fft_one_gradients(const ws_phase_run *run);

/* What ranks sum, and what they make of it. */
size_t ws_fft_list_sums(const ws_fast_stage *stage, const ws_pass *pass, ws_fast_columns *sums);
ws_fast_columns ws_fft_list_finished(const ws_fast_stage *stage, const ws_pass *pass);
size_t ws_fft_one_list_sums(const ws_fast_stage *stage, const ws_pass *pass, ws_fast_columns *sums);
ws_fast_columns ws_fft_one_list_finished(const ws_fast_stage *stage, const ws_pass *pass);

/* What they have to do (fft_work.c). */
ws_phase_work ws_fft_count_spectra(const ws_fast_stage *stage, const ws_pass *pass);
ws_phase_work ws_fft_count_product(const ws_fast_stage *stage, const ws_pass *pass);
ws_phase_work ws_fft_count_outputs(const ws_fast_stage *stage, const ws_pass *pass);
ws_phase_work ws_fft_count_one_outputs(const ws_fast_stage *stage, const ws_pass *pass);
ws_phase_work ws_fft_count_output_gradients(const ws_fast_stage *stage, const ws_pass *pass);
ws_phase_work ws_fft_count_products_back(const ws_fast_stage *stage, const ws_pass *pass);
ws_phase_work ws_fft_count_input_gradients(const ws_fast_stage *stage, const ws_pass *pass);
ws_phase_work ws_fft_count_gradients(const ws_fast_stage *stage, const ws_pass *pass);
ws_phase_work ws_fft_count_one_chunks(const ws_fast_stage *stage, const ws_pass *pass);
ws_phase_work ws_fft_count_one_sums(const ws_fast_stage *stage, const ws_pass *pass);
ws_phase_work ws_fft_count_one_gradients(const ws_fast_stage *stage, const ws_pass *pass);

#endif
