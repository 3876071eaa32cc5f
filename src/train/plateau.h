/** How long validation has not become better, for --stop_after_plateau. It is a part of each
 *  checkpoint, so that a resumed run ends after the same step as one that was not interrupted. */
#ifndef WS_TRAIN_PLATEAU_H
#define WS_TRAIN_PLATEAU_H

#include <stdbool.h>
#include <stdint.h>

/** All zeros: there was no validation so far. */
typedef struct ws_plateau {
    bool has_best;
    float best;           /* accuracy, 0 to 1; as the best checkpoint has it */
    int64_t n_since_best; /* validations after the best one */
} ws_plateau;

/** Takes the accuracy of the next validation, 0 to 1. An equal one is not better. */
void ws_plateau_push(ws_plateau *plateau, double accuracy);

/** Whether the run ends now. @param n  validations without a better one; 0: never */
bool ws_plateau_is_reached(const ws_plateau *plateau, int64_t n);

#endif
