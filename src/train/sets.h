/** The sets of the data set, and the places of a report that show them. */
#ifndef WS_TRAIN_SETS_H
#define WS_TRAIN_SETS_H

#include "dataset/index.h"
#include "report/observation.h"

static inline ws_report_place ws_place_of_set(ws_set set)
{
    return set == WS_SET_TRAINING     ? WS_REPORT_TRAIN
           : set == WS_SET_VALIDATION ? WS_REPORT_VALIDATION
                                      : WS_REPORT_TEST;
}

static inline ws_set ws_set_of_place(ws_report_place place)
{
    return place == WS_REPORT_TRAIN        ? WS_SET_TRAINING
           : place == WS_REPORT_VALIDATION ? WS_SET_VALIDATION
                                           : WS_SET_TESTING;
}

#endif
