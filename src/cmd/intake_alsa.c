/* Sound from a device of ALSA; the only file that knows it. */
#include <alsa/asoundlib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/intake.h"
#include "cmd/stop.h"

enum { MAX_CHANNELS = 32, PERIODS_A_SECOND = 100, MAX_FRAMES = 1 << 14, RETRY_MS = 500 };

/* What a block holds before it is read: no sound has it. ALSA's file and null devices say that they
 * filled a block and leave it as it was. */
enum { UNTOUCHED_EVEN = 32767, UNTOUCHED_ODD = -32768, MIN_UNTOUCHED = 8 };

typedef struct alsa_intake {
    ws_intake base;
    char device[200];
    int wanted_hz;
    const ws_log *log;
    snd_pcm_t *pcm;              /* NULL: the device is gone */
    size_t n_channels, n_frames; /* of a block */
    int16_t *block;              /* [MAX_FRAMES * MAX_CHANNELS] */
} alsa_intake;

/** alsa-lib would print many lines. */
static void stay_silent(const char *file, int line, const char *function, int err,
                        const char *format, ...)
{
    (void)file, (void)line, (void)function, (void)err, (void)format;
}

static ws_status fail_open(const char *device, int code, ws_error *err)
{
    switch (-code) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return ws_fail(err, WS_ENOTFOUND,
                       "--device=%s: there is no such device that records; `wordspot listen "
                       "--list_devices` lists them",
                       device);
    case EACCES:
    case EPERM:
        return ws_fail(err, WS_EIO,
                       "--device=%s: no permission to use it; expected a user in the group audio",
                       device);
    case EBUSY:
        return ws_fail(err, WS_EIO, "--device=%s: is in use by another program", device);
    case ECONNREFUSED:
        return ws_fail(
            err, WS_EIO,
            "--device=%s: the sound server does not answer; is it running for this user?", device);
    default:
        return ws_fail(err, WS_EIO, "--device=%s: cannot be opened: %s", device,
                       snd_strerror(code));
    }
}

/** Asks for whole samples at a rate of the device's own, in periods of 10 ms. */
static int set_hardware(alsa_intake *own)
{
    snd_pcm_hw_params_t *params;
    unsigned rate = (unsigned)own->wanted_hz, n_channels = 1;
    int code = snd_pcm_hw_params_malloc(&params);

    if (code < 0)
        return code;
    code = snd_pcm_hw_params_any(own->pcm, params);
    if (code >= 0)
        code = snd_pcm_hw_params_set_rate_resample(own->pcm, params, 0);
    if (code >= 0)
        code = snd_pcm_hw_params_set_access(own->pcm, params, SND_PCM_ACCESS_RW_INTERLEAVED);
    if (code >= 0)
        code = snd_pcm_hw_params_set_format(own->pcm, params, SND_PCM_FORMAT_S16);
    if (code >= 0)
        code = snd_pcm_hw_params_set_channels_near(own->pcm, params, &n_channels);
    if (code >= 0)
        code = snd_pcm_hw_params_set_rate_near(own->pcm, params, &rate, NULL);
    snd_pcm_uframes_t period = rate / PERIODS_A_SECOND + 1, room = rate / 2;
    if (code >= 0)
        code = snd_pcm_hw_params_set_period_size_near(own->pcm, params, &period, NULL);
    if (code >= 0)
        code = snd_pcm_hw_params_set_buffer_size_near(own->pcm, params, &room);
    if (code >= 0)
        code = snd_pcm_hw_params(own->pcm, params);
    snd_pcm_hw_params_free(params);
    own->base.rate_hz = (int)rate;
    own->n_channels = n_channels;
    own->n_frames = rate / PERIODS_A_SECOND > 0 ? rate / PERIODS_A_SECOND : 1;
    return code < 0 ? code : n_channels > MAX_CHANNELS || own->n_frames > MAX_FRAMES ? -EINVAL : 0;
}

static void shut(alsa_intake *own)
{
    if (own->pcm != NULL)
        (void)snd_pcm_close(own->pcm);
    own->pcm = NULL;
}

/** @return 0 or a negative code of ALSA's */
static int open_pcm(alsa_intake *own)
{
    int code = snd_pcm_open(&own->pcm, own->device, SND_PCM_STREAM_CAPTURE, 0);

    if (code < 0) {
        own->pcm = NULL;
        return code;
    }
    code = set_hardware(own);
    if (code >= 0)
        code = snd_pcm_start(own->pcm);
    if (code < 0)
        shut(own);
    return code < 0 ? code : 0;
}

static void close_alsa(ws_intake *intake)
{
    alsa_intake *own = (alsa_intake *)intake;

    shut(own);
    (void)snd_config_update_free_global();
    free(own->block);
    free(own);
}

/** Waits until the device is there again, with the rate that it had. */
static ws_status wait_for_device(alsa_intake *own, int code, ws_error *err)
{
    const struct timespec pause = {.tv_nsec = RETRY_MS * 1000000L};
    const int rate_hz = own->base.rate_hz;

    ws_log_write(own->log, WS_LOG_WARN, "--device=%s: gone (%s); waiting until it is back",
                 own->device, snd_strerror(code));
    shut(own);
    own->wanted_hz = rate_hz;
    while (!ws_stop_wanted(NULL) && open_pcm(own) < 0)
        (void)nanosleep(&pause, NULL);
    if (own->pcm == NULL)
        return WS_OK; /* asked to stop */
    if (own->base.rate_hz != rate_hz)
        return ws_fail(err, WS_EIO,
                       "--device=%s: came back with %d Hz instead of %d Hz; start again",
                       own->device, own->base.rate_hz, rate_hz);
    ws_log_write(own->log, WS_LOG_INFO, "--device=%s: is back", own->device);
    return WS_OK;
}

/** After a failed read. */
static ws_status recover(alsa_intake *own, int code, ws_error *err)
{
    if (code == -EINTR || code == -EAGAIN)
        return WS_OK;
    if (code == -EPIPE)
        ws_log_write(own->log, WS_LOG_WARN,
                     "--device=%s: overrun: this machine was too slow for a moment, and sound was "
                     "lost",
                     own->device);
    if ((code == -EPIPE || code == -ESTRPIPE) && snd_pcm_recover(own->pcm, code, 1) == 0 &&
        snd_pcm_start(own->pcm) == 0)
        return WS_OK;
    return wait_for_device(own, code, err);
}

static void mark_untouched(alsa_intake *own, size_t n)
{
    for (size_t i = 0; i < n * own->n_channels; i++)
        own->block[i] = i % 2 == 0 ? UNTOUCHED_EVEN : UNTOUCHED_ODD;
}

/** How many of n frames were filled. */
static size_t count_filled(const alsa_intake *own, size_t n)
{
    size_t left = n * own->n_channels;

    while (left > 0 &&
           own->block[left - 1] == ((left - 1) % 2 == 0 ? UNTOUCHED_EVEN : UNTOUCHED_ODD))
        left--;
    return n * own->n_channels - left < MIN_UNTOUCHED ? n : left / own->n_channels;
}

static ws_status read_alsa(ws_intake *intake, float *samples, size_t n, size_t *n_read,
                           ws_error *err)
{
    alsa_intake *own = (alsa_intake *)intake;
    const size_t n_wanted = n < own->n_frames ? n : own->n_frames;
    ws_status status = WS_OK;
    snd_pcm_sframes_t n_got = -1;

    while (status == WS_OK && n_got <= 0 && own->pcm != NULL && !ws_stop_wanted(NULL)) {
        mark_untouched(own, n_wanted);
        n_got = snd_pcm_readi(own->pcm, own->block, n_wanted);
        if (n_got < 0)
            status = recover(own, (int)n_got, err);
    }
    if (status != WS_OK || n_got <= 0)
        return status;
    *n_read = count_filled(own, (size_t)n_got);
    for (size_t i = 0; i < *n_read; i++)
        samples[i] = (float)own->block[i * own->n_channels] / 32768.0f;
    if (*n_read == 0)
        ws_log_write(own->log, WS_LOG_INFO, "--device=%s: gives no more sound", own->device);
    return WS_OK;
}

static const ws_intake_kind alsa_kind = {close_alsa, read_alsa};

ws_status ws_intake_open_device(const char *device, int rate_hz, const ws_log *log,
                                ws_intake **intake, ws_error *err)
{
    alsa_intake *made = calloc(1, sizeof *made);

    *intake = NULL;
    if (made != NULL)
        made->block = calloc((size_t)MAX_FRAMES * MAX_CHANNELS, sizeof *made->block);
    if (made == NULL || made->block == NULL) {
        free(made);
        return ws_fail_memory(err, "a device");
    }
    (void)snd_lib_error_set_handler(stay_silent);
    (void)snprintf(made->device, sizeof made->device, "%s", device);
    made->base.kind = &alsa_kind;
    made->wanted_hz = rate_hz;
    made->log = log;
    const int code = open_pcm(made);
    if (code < 0) {
        close_alsa(&made->base);
        return fail_open(device, code, err);
    }
    (void)snprintf(made->base.name, sizeof made->base.name, "%s, %d Hz", made->device,
                   made->base.rate_hz);
    *intake = &made->base;
    return WS_OK;
}

/** Prints the name of a device and the first line of its description. */
static void print_device(const char *name, const char *description)
{
    const char *end = description != NULL ? strchr(description, '\n') : NULL;
    const int n = description == NULL ? 0
                  : end != NULL       ? (int)(end - description)
                                      : (int)strlen(description);

    printf("%-32s %.*s\n", name, n, description != NULL ? description : "");
}

ws_status ws_intake_list_devices(ws_error *err)
{
    void **hints = NULL;
    size_t n = 0;

    (void)snd_lib_error_set_handler(stay_silent);
    if (snd_device_name_hint(-1, "pcm", &hints) < 0)
        return ws_fail(err, WS_ENOTFOUND, "ALSA lists no devices");
    for (size_t i = 0; hints[i] != NULL; i++) {
        char *name = snd_device_name_get_hint(hints[i], "NAME");
        char *description = snd_device_name_get_hint(hints[i], "DESC");
        char *direction = snd_device_name_get_hint(hints[i], "IOID");
        if (name != NULL && (direction == NULL || strcmp(direction, "Input") == 0)) {
            print_device(name, description);
            n++;
        }
        free(name);
        free(description);
        free(direction);
    }
    (void)snd_device_name_free_hint(hints);
    return n > 0 ? WS_OK : ws_fail(err, WS_ENOTFOUND, "there is no device that records");
}
