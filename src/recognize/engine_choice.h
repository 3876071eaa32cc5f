/** The engine that flags choose. */
#ifndef WS_RECOGNIZE_ENGINE_CHOICE_H
#define WS_RECOGNIZE_ENGINE_CHOICE_H

#include "nn/network.h"
#include "settings/train_options.h"

/**
 * Reads --engine, and checks --isa.
 *
 * @return WS_OK; WS_EUSAGE naming the flag whose value is unknown, or an instruction set that this
 *         processor lacks
 */
WS_MUST_CHECK ws_status ws_engine_choice_find(const ws_train_options *options, ws_engine *engine,
                                              ws_error *err);

#endif
