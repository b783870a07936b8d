/* Makes the first opening of each data file slow, as on a parallel file system.

   Loaded with LD_PRELOAD. BENCH_OPEN_DELAY_MS: the delay. BENCH_OPEN_SEEN: a file of SLOTS zero
   bytes, shared by all processes of one measurement, as the cache of one node is. Whoever opens a
   file first waits for the delay; whoever opens it meanwhile waits until that one is done. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define SLOTS (1u << 20)
enum { UNTOUCHED = 0, ON_ITS_WAY = 1, SEEN = 2 };

typedef int (*open_function)(const char *, int, ...);
typedef int (*openat_function)(int, const char *, int, ...);

static _Atomic unsigned char *slots;
static long delay_us;

__attribute__((constructor)) static void begin(void)
{
    const char *delay = getenv("BENCH_OPEN_DELAY_MS");
    const char *seen = getenv("BENCH_OPEN_SEEN");
    open_function next = (open_function)dlsym(RTLD_NEXT, "open");
    if (delay == NULL || seen == NULL || next == NULL)
        return;
    int descriptor = next(seen, O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        return;
    void *map = mmap(NULL, SLOTS, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    delay_us = 1000 * atol(delay);
    slots = map == MAP_FAILED ? NULL : map;
}

static void pause_us(long microseconds)
{
    struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
    while (nanosleep(&time, &time) != 0 && errno == EINTR)
        continue;
}

/* Paths are told apart by their hash: two files of a run share a slot once in a thousand runs. */
static unsigned slot_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    unsigned hash = 2166136261u;
    for (const char *c = slash ? slash : path; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    return (hash ^ hash >> 20) % SLOTS;
}

static void wait_for(const char *path)
{
    const char *suffix = path ? strrchr(path, '.') : NULL;
    if (slots == NULL || suffix == NULL || strcmp(suffix, ".h5") != 0)
        return;
    int before = errno;
    _Atomic unsigned char *slot = &slots[slot_of(path)];
    unsigned char expected = UNTOUCHED;
    if (atomic_compare_exchange_strong(slot, &expected, ON_ITS_WAY)) {
        pause_us(delay_us);
        atomic_store(slot, SEEN);
    }
    while (atomic_load(slot) != SEEN)
        pause_us(100);
    errno = before;
}

static int mode_of(int flags, va_list arguments)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, int) : 0;
}

#define DEFINE_OPEN(name)                                          \
    int name(const char *path, int flags, ...)                     \
    {                                                              \
        open_function next = (open_function)dlsym(RTLD_NEXT, #name); \
        va_list arguments;                                         \
        va_start(arguments, flags);                                \
        int mode = mode_of(flags, arguments);                      \
        va_end(arguments);                                         \
        wait_for(path);                                            \
        return next(path, flags, mode);                            \
    }

#define DEFINE_OPENAT(name)                                            \
    int name(int folder, const char *path, int flags, ...)             \
    {                                                                  \
        openat_function next = (openat_function)dlsym(RTLD_NEXT, #name); \
        va_list arguments;                                             \
        va_start(arguments, flags);                                    \
        int mode = mode_of(flags, arguments);                          \
        va_end(arguments);                                             \
        wait_for(path);                                                \
        return next(folder, path, flags, mode);                        \
    }

DEFINE_OPEN(open)
DEFINE_OPEN(open64)
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)
