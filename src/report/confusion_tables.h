/** The confusion matrix of an evaluation as text: exact, and its worst places. */
#ifndef WS_REPORT_CONFUSION_TABLES_H
#define WS_REPORT_CONFUSION_TABLES_H

#include "report/view.h"

/** Adds the tables of an evaluation; of very many labels only the worst places. */
void ws_confusion_tables_add(ws_report *report, const ws_evaluation *evaluation);

#endif
