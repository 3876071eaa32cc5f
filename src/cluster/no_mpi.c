/* A build without MPI: every process is alone, or should not have been started. */
#include "cluster/launch.h"

const char *ws_transport_get_manager(void)
{
    return NULL;
}

ws_status ws_transport_open(ws_transport *transport, bool *is_found, ws_error *err)
{
    const ws_launch launch = ws_launch_read();

    (void)transport;
    *is_found = false;
    return ws_launch_check(&launch, 0, err);
}
