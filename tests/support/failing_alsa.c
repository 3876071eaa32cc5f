/* Preloaded before alsa-lib: the device overruns once, and later is pulled out for two attempts to
 * open it again. */
#define _GNU_SOURCE
#include <alsa/asoundlib.h>
#include <dlfcn.h>
#include <errno.h>

enum { OVERRUN_AT = 100, UNPLUGGED_AT = 200, N_REFUSED = 2 };

snd_pcm_sframes_t snd_pcm_readi(snd_pcm_t *pcm, void *buffer, snd_pcm_uframes_t size);
int snd_pcm_open(snd_pcm_t **pcm, const char *name, snd_pcm_stream_t stream, int mode);

static int n_reads, n_opened;

snd_pcm_sframes_t snd_pcm_readi(snd_pcm_t *pcm, void *buffer, snd_pcm_uframes_t size)
{
    snd_pcm_sframes_t (*next)(snd_pcm_t *, void *, snd_pcm_uframes_t);

    *(void **)&next = dlsym(RTLD_NEXT, "snd_pcm_readi");
    n_reads++;
    if (n_reads == OVERRUN_AT)
        return -EPIPE;
    if (n_reads == UNPLUGGED_AT)
        return -ENODEV;
    return next(pcm, buffer, size);
}

int snd_pcm_open(snd_pcm_t **pcm, const char *name, snd_pcm_stream_t stream, int mode)
{
    int (*next)(snd_pcm_t **, const char *, snd_pcm_stream_t, int);

    *(void **)&next = dlsym(RTLD_NEXT, "snd_pcm_open");
    if (n_reads >= UNPLUGGED_AT && n_opened++ < N_REFUSED)
        return -ENOENT;
    return next(pcm, name, stream, mode);
}
