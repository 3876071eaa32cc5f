/** What the two kinds of events on hyperparameters have in common. */
#ifndef TBEVENTS_HPARAMS_H
#define TBEVENTS_HPARAMS_H

#include "hparams.pb-c.h"
#include "tbevents/pool.h"
#include "tbevents/writer.h"

/** Refuses a name or text of hyperparameters; NULL is fine. */
tbe_status tbe_hparams_check_name(tbe_writer *writer, const char *what, const char *name);

/** Refuses a number that is not a time; 0 is fine and becomes now. */
tbe_status tbe_hparams_take_time(tbe_writer *writer, const char *what, double *time);

/** Refuses names that are NULL, no line of text, or there twice. */
tbe_status tbe_hparams_check_names(tbe_writer *writer, size_t n, const char *const *names);

void tbe_hparams_set_value(Tbproto__HParamValue *value, tbe_hparam_kind kind, double number,
                           const char *text);

/** Adds the message, which has no other data than this, under its tag. */
tbe_status tbe_hparams_append(tbe_writer *writer, const char *tag, tbe_pool *pool,
                              const Tbproto__HParamsPluginData *message);

#endif
