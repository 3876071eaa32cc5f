/** What this machine is, for people who compare figures later. */
#ifndef WS_BASE_MACHINE_H
#define WS_BASE_MACHINE_H

#include <stddef.h>

/**
 * As in "AMD EPYC 7763 64-Core Processor, 2 processors, instruction set v3, Linux 6.1.0 x86_64".
 * What the system does not tell is left out.
 *
 * @param text  [size] always ended by a NUL; cut off where it is too short
 */
void ws_machine_describe(char *text, size_t size);

#endif
