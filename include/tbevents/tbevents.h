/**
 * tbevents: writes the event files that TensorBoard shows, and reads those of any writer.
 *
 *     tbe_writer *writer = tbe_open("logs/run1/train", NULL);
 *     for (int step = 1; step <= 100; step++)
 *         tbe_add_scalar(writer, step, "loss", 1.0f / (float)step);
 *     char message[256];
 *     if (tbe_close(writer, message, sizeof message) != TBE_OK)
 *         fprintf(stderr, "%s\n", message);
 *
 * This header includes all of them:
 *
 *     tbevents/core.h       the writer, scalars, and what is common to all
 *     tbevents/media.h      pictures, sound, text, histograms, precision-recall curves
 *     tbevents/run.h        graph, times of its nodes, hyperparameters, chart layouts
 *     tbevents/projector.h  files for the projector page
 *     tbevents/reader.h     reading event files
 *
 * A directory is a run; each writer makes one new file in it and never touches an old one. Both of
 * TensorBoard's loaders show what is written here in the same way, also where a run was resumed.
 * Only one writer should be open in a directory at a time: TensorBoard moves on to the newest file
 * and may not read the older one again. A tag is for one kind of data in a run: what TensorBoard
 * sees first of it decides which page shows it, and that page fails at values of another kind. A
 * writer remembers its first 65536 tags of up to 1024 bytes and refuses to mix kinds.
 *
 * Failures are of four kinds.
 * - A call is refused (TBE_EINVAL, TBE_ELIMIT, and TBE_ENOMEM for what needs memory of its own):
 *   nothing of it is written, and the writer still works. Above all, input that would stop a loader
 *   for all runs is refused: text that is not UTF-8, control characters in a tag, times that are
 * NaN.
 * - An event is dropped (TBE_EBUSY): the disk is slower than the events, and the events that wait
 *   for it have reached their limit. The writer still works; tbe_get_n_dropped() counts.
 * - The file is lost (TBE_ELOST): somebody has deleted, moved or replaced it or its directory. This
 *   is noticed when events are next handed to the disk, that is within options.flush_interval_s of
 *   the next event; then a new file is begun in the same place, with the start of a session at
 *   options.start_step, and takes these and all later events. Where no new file can be made this is
 *   tried again each time. Calls still succeed; tbe_get_n_lost() counts, and tbe_flush() tells.
 * - The writer breaks (TBE_EIO, TBE_EEXIST, TBE_EFORK, other TBE_ENOMEM): from then on every call
 *   does nothing and returns that status. The file ends with its last whole record. A full disk
 *   shows at the next call.
 * tbe_close() returns the first failure of the writer, of any kind, so a program may ignore all
 * other results. The library never prints, exits or aborts.
 *
 * Time: each writer has a thread of its own, and only that thread touches the file; all signals are
 * blocked in it. Calls only copy into memory, at most options.max_waiting_bytes. If that is full, a
 * call waits for options.max_wait_s and then drops its event. After that no call waits until the
 * disk has caught up with half of it. So a disk that hangs costs a program one such wait. Only
 * tbe_open() waits for the disk, and tbe_flush() and tbe_close() do for their stated times.
 *
 * Threads: one writer is for one thread at a time; the caller locks where several share it.
 * Different writers are independent. After fork() a writer belongs to the parent: in the child
 * nothing reaches the file. The first call that would write returns TBE_EFORK, and so does
 * tbe_close(), which frees the child's copy except for some memory of the thread.
 * Signals: do not call any function from a signal handler. A process that is killed loses what was
 * in memory. If that happens in the middle of a write, TensorBoard shows everything before it.
 *
 * Texts are UTF-8 with a NUL at the end. All pointers that are passed in are borrowed for the call,
 * unless a function says otherwise. NULL is allowed as a writer everywhere: it stands for a writer
 * that could not be allocated, and calls with it return TBE_ENOMEM.
 *
 * Structures whose first field is struct_size may get more fields at their end. Initialise each
 * with its macro, as in `tbe_image image = TBE_IMAGE_INIT;`, or with its init function, as in
 * tbe_image_init(&image, sizeof image), and a program works with a later library, too, without
 * being compiled again. Fields that it does not set are 0 or NULL and mean the default. Structures
 * that a caller keeps in arrays may grow in the same way: the structure that holds the array knows
 * the size of its elements, which macro and init function set. Write such elements with field
 * names,
 * {.name = "clip"}, so that they compile without warnings later.
 */
#ifndef TBEVENTS_TBEVENTS_H
#define TBEVENTS_TBEVENTS_H

#include <tbevents/core.h>
#include <tbevents/media.h>
#include <tbevents/projector.h>
#include <tbevents/reader.h>
#include <tbevents/run.h>

#endif
