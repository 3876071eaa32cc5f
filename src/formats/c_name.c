#include "formats/c_name.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Words that stand between blanks. The files are for C and C++. */

/** Of C23 and C++20. */
static const char keywords[] =
    " "
    "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t "
    "char32_t char8_t class co_await co_return co_yield compl concept const const_cast "
    "consteval constexpr constinit continue decltype default delete do double dynamic_cast "
    "else enum explicit export extern false float for friend goto if inline int long mutable "
    "namespace new noexcept not not_eq nullptr operator or or_eq private protected public "
    "register reinterpret_cast requires restrict return short signed sizeof static "
    "static_assert static_cast struct switch template this thread_local throw true try "
    "typedef typeid typename typeof typeof_unqual union unsigned using virtual void volatile "
    "wchar_t while xor xor_eq ";

/** What C's library declares or defines, and what compilers define for GNU C. Of functions on
 *  numbers only the one for doubles: sinf and sinl follow from sin. */
static const char library[] =
    " "
    "abort abs acos acosh aligned_alloc asctime asin asinh assert at_quick_exit atan atan2 "
    "atanh atexit atof atoi atol bsearch btowc c16rtomb c32rtomb cabs cacos cacosh call_once "
    "calloc carg casin casinh catan catanh cbrt ccos ccosh ceil cexp cimag clearerr clock "
    "clog complex conj copysign cos cosh cpow cproj creal csin csinh csqrt ctan ctanh ctime "
    "difftime div environ erf erfc errno exit exp exp2 expm1 fabs fclose fdim feclearexcept "
    "fegetenv fegetexceptflag fegetround feholdexcept feof feraiseexcept ferror fesetenv "
    "fesetexceptflag fesetround fetestexcept feupdateenv fflush fgetc fgetpos fgets fgetwc "
    "fgetws floor fma fmax fmin fmod fopen fpclassify fprintf fputc fputs fputwc fputws fread "
    "free freopen frexp fscanf fseek fsetpos ftell fwide fwprintf fwrite fwscanf getc getchar "
    "getenv gets getwc getwchar gmtime hypot ilogb imaxabs imaxdiv isalnum isalpha isblank "
    "iscntrl isdigit isfinite isgraph isgreater isgreaterequal isinf isless islessequal "
    "islessgreater islower isnan isnormal isprint ispunct isspace isunordered isupper "
    "iswalnum iswalpha iswblank iswcntrl iswctype iswdigit iswgraph iswlower iswprint "
    "iswpunct iswspace iswupper iswxdigit isxdigit kill_dependency labs ldexp ldiv lgamma "
    "linux llabs lldiv llrint llround localeconv localtime log log10 log1p log2 logb longjmp "
    "lrint lround malloc math_errhandling mblen mbrlen mbrtoc16 mbrtoc32 mbrtowc mbsinit "
    "mbsrtowcs mbstowcs mbtowc memchr memcmp memcpy memmove memset mktime modf nan nearbyint "
    "nextafter nexttoward noreturn offsetof perror pow printf putc putchar puts putwc "
    "putwchar qsort quick_exit raise rand realloc remainder remove remquo rename rewind rint "
    "round scalbln scalbn scanf setbuf setjmp setlocale setvbuf signal signbit sin sinh "
    "snprintf sprintf sqrt srand sscanf std stderr stdin stdout strcat strchr strcmp strcoll "
    "strcpy strcspn strerror strftime strlen strncat strncmp strncpy strpbrk strrchr strspn "
    "strstr strtod strtof strtoimax strtok strtol strtold strtoul strtoumax strxfrm swprintf "
    "swscanf system tan tanh tgamma time timespec_get tmpfile tmpnam tolower toupper "
    "towctrans towlower towupper trunc ungetc ungetwc unix va_arg va_copy va_end va_start "
    "vfprintf vfscanf vfwprintf vfwscanf vprintf vscanf vsnprintf vsprintf vsscanf vswprintf "
    "vswscanf vwprintf vwscanf wcrtomb wcscat wcschr wcscmp wcscoll wcscpy wcscspn wcsftime "
    "wcslen wcsncat wcsncmp wcsncpy wcspbrk wcsrchr wcsrtombs wcsspn wcsstr wcstod wcstof "
    "wcstoimax wcstok wcstol wcstold wcstombs wcstoul wcstoumax wcsxfrm wctob wctomb wctrans "
    "wctype wmemchr wmemcmp wmemcpy wmemmove wmemset wprintf wscanf ";

/** What else begins like names of the library: all of these, or those in capitals. */
static const char *const beginnings[] = {"atomic_", "cnd_",  "memory_order_",
                                         "mtx_",    "thrd_", "tss_"};
static const char *const capitals[] = {
    "ATOMIC_", "BUFSIZ",  "CHAR_",     "CLOCKS_", "CMPLX",    "DBL_",     "DEC",    "EOF",
    "EXIT_",   "FE_",     "FILENAME_", "FLT_",    "FOPEN_",   "FP_",      "HUGE_",  "INFINITY",
    "INT",     "LC_",     "LDBL_",     "LLONG_",  "LONG_",    "L_tmpnam", "MATH_",  "MB_",
    "NAN",     "NULL",    "ONCE_",     "PRI",     "PTRDIFF_", "RAND_",    "SCHAR_", "SCN",
    "SEEK_",   "SHRT_",   "SIG",       "SIZE_",   "TIME_",    "TMP_",     "TSS_",   "UCHAR_",
    "UINT",    "ULLONG_", "ULONG_",    "USHRT_",  "WCHAR_",   "WEOF",     "WINT_",
};

static bool has_word(const char *words, const char *name, size_t length)
{
    for (const char *at = strchr(words, ' '); at != NULL && at[1] != '\0'; at = strchr(at + 1, ' '))
        if (strncmp(at + 1, name, length) == 0 && at[1 + length] == ' ')
            return true;
    return false;
}

static bool begins_with(const char *name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strncmp(name, list[i], strlen(list[i])) == 0)
            return true;
    return false;
}

/** A macro such as EINVAL, INT_MAX or PRIu64; I is the imaginary unit. */
static bool is_macro(const char *name)
{
    const size_t n = strlen(name);

    return strcmp(name, "I") == 0 ||
           (n > 1 && name[0] == 'E' && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == n) ||
           begins_with(name, capitals, sizeof capitals / sizeof *capitals);
}

static bool is_of_library(const char *name)
{
    const size_t n = strlen(name);

    return has_word(library, name, n) || is_macro(name) ||
           (n > 2 && strcmp(name + n - 2, "_t") == 0) || /* a type; POSIX keeps them all */
           (n > 1 && (name[n - 1] == 'f' || name[n - 1] == 'l') &&
            has_word(library, name, n - 1)) ||
           begins_with(name, beginnings, sizeof beginnings / sizeof *beginnings);
}

/** Why a variable cannot have the name; NULL: it can. */
static const char *find_objection(const char *name)
{
    if (has_word(keywords, name, strlen(name)))
        return "it is a keyword of C or C++; ";
    if (strcmp(name, "main") == 0)
        return "it is the function that a program begins with; ";
    if (name[0] == '_' || strstr(name, "__") != NULL)
        return "C keeps names that begin with _ or contain __ for compilers; ";
    return is_of_library(name) ? "headers of C's library use it; " : NULL;
}

static bool is_ascii_alnum(char c)
{
    return (unsigned char)c < 0x80 && isalnum((unsigned char)c);
}

ws_status ws_c_name_check(const char *name, ws_error *err)
{
    bool is_name = (is_ascii_alnum(name[0]) && !isdigit((unsigned char)name[0])) || name[0] == '_';

    for (const char *at = name; *at != '\0'; at++)
        is_name = is_name && (is_ascii_alnum(*at) || *at == '_');
    const char *objection = is_name ? find_objection(name) : "";
    if (objection == NULL)
        return WS_OK;
    return ws_fail(err, WS_EUSAGE,
                   "--c_name=%s: %sexpected the name of a variable in C, such as %s", name,
                   objection, WS_C_NAME_DEFAULT);
}

void ws_c_name_make(const char *text, char *name, size_t size)
{
    static const char before_digit[] = "word_", ending[] = "_model";
    size_t n = 0;

    assert(size >= 32);
    const size_t room = size - sizeof before_digit - sizeof ending;
    for (const char *at = text; *at != '\0' && n < room; at++) {
        if (is_ascii_alnum(*at))
            name[n++] = (char)tolower((unsigned char)*at);
        else if (n > 0 && name[n - 1] != '_')
            name[n++] = '_';
    }
    while (n > 0 && name[n - 1] == '_')
        n--;
    name[n] = '\0';
    if (n == 0) {
        (void)snprintf(name, size, "%s", WS_C_NAME_DEFAULT);
        return;
    }
    if (isdigit((unsigned char)name[0])) {
        memmove(name + sizeof before_digit - 1, name, n + 1);
        memcpy(name, before_digit, sizeof before_digit - 1);
        n += sizeof before_digit - 1;
    }
    memcpy(name + n, ending, sizeof ending);
}
