/**
 * A stand-in for espeak-ng that takes no time: understands `--version` and
 * `-v voice -p pitch -s speed -w file -- text`, and writes a tone between two silences whose pitch
 * depends on all of them and whose length on the speed. Some words make it fail in a special way.
 * FAKE_ESPEAK_VERSION in the environment is its version. Asked for phonemes, it gives the letters.
 * Under the names flite and festival it stands in for those, as far as synth uses them.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/sound.h"
#include "base/file.h"
#include "base/path.h"

#define RATE_HZ 22050
#define PI      3.14159265358979323846

static int show_version(void)
{
    const char *version = getenv("FAKE_ESPEAK_VERSION");
    printf("eSpeak NG text-to-speech: %s  Data at: /somewhere/else\nmore\n",
           version != NULL ? version : "fake");
    return 0;
}

static bool is_word(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

static unsigned hash(const char *text)
{
    unsigned sum = 5381;
    while (*text != '\0')
        sum = sum * 33 + (unsigned char)*text++;
    return sum;
}

static bool speak(const char *const *arguments)
{
    static float samples[2 * RATE_HZ];
    const char *voice = arguments[1], *pitch = arguments[3], *path = arguments[7];
    const char *text = arguments[9];
    const int speed = atoi(arguments[5]);
    const size_t n = sizeof samples / sizeof *samples;
    const double seconds = is_word(text, "endless") ? 1.8
                           : is_word(text, "drawl") ? 200.0 / speed
                                                    : 50.0 / speed;
    const double gain = is_word(text, "mute") ? 0.0 : 0.5;
    const double hz = 200.0 + hash(voice) % 500 + hash(text) % 300 + atoi(pitch);
    ws_error err;

    for (size_t i = 0; i < n; i++) {
        const double t = (double)i / RATE_HZ - 0.2;
        samples[i] = t < 0.0 || t > seconds ? 0.0f : (float)(gain * sin(2.0 * PI * hz * t));
    }
    return ws_sound_write(path, samples, n, RATE_HZ, &err) == WS_OK;
}

/** Letters with blanks between them, and between words two; a line for each sentence. */
static int show_phonemes(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '.')
            printf("\n");
        else if (*text != '\n')
            printf("%c ", *text);
    printf("\n");
    return 0;
}

/** flite --setf stretch --setf shift -voice voice -t text -o file */
static int run_flite(int argc, char **argv)
{
    if (argc == 2)
        return puts("flite: fake") < 0;
    if (argc != 11 || strcmp(argv[5], "-voice") != 0 || strcmp(argv[7], "-t") != 0 ||
        strcmp(argv[9], "-o") != 0)
        return 2;
    const char *const arguments[] = {"-v",  argv[6], "-p",     "50", "-s",
                                     "160", "-w",    argv[10], "--", argv[8]};
    return speak(arguments) ? 0 : 1;
}

/** festival -b '(print (voice.list))', or -b and a script of the lines that synth writes. */
static int run_festival(int argc, char **argv)
{
    char line[1024], voice[64] = "", text[512], path[512];

    if (argc == 2)
        return puts("festival: fake") < 0;
    if (argc == 3 && argv[2][0] == '(')
        return puts("(el_diphone kal_diphone)") < 0;
    FILE *script = fopen(argv[2], "r");
    if (script == NULL)
        return 1;
    while (fgets(line, sizeof line, script) != NULL) {
        const char *const arguments[] = {"-v",  voice, "-p", "50", "-s",
                                         "160", "-w",  path, "--", text};
        (void)sscanf(line, "(voice_%63[^)])", voice);
        if (sscanf(line, "(utt.save.wave (utt.synth (Utterance Text \"%511[^\"]\")) \"%511[^\"]\"",
                   text, path) == 2 &&
            !speak(arguments))
            return 1;
    }
    return fclose(script);
}

int main(int argc, char **argv)
{
    ws_error err;
    if (strcmp(ws_path_base(argv[0]), "flite") == 0)
        return run_flite(argc, argv);
    if (strcmp(ws_path_base(argv[0]), "festival") == 0)
        return run_festival(argc, argv);
    if (argc == 8 && strcmp(argv[2], "-x") == 0)
        return show_phonemes(argv[7]);
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return show_version();
    if (argc != 11 || strcmp(argv[1], "-v") != 0 || strcmp(argv[3], "-p") != 0 ||
        strcmp(argv[5], "-s") != 0 || strcmp(argv[7], "-w") != 0 || strcmp(argv[9], "--") != 0)
        return 2;
    if (is_word(argv[10], "broken"))
        return 3;
    if (is_word(argv[10], "garbage"))
        return ws_file_write(argv[8], "no sound", 8, &err) == WS_OK ? 0 : 1;
    return speak((const char *const *)argv + 1) ? 0 : 1;
}
