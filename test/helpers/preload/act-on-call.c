/*
 * Preloaded into a process: runs a shell command once, at the first call of a function on a certain path, so that a race has
 * one outcome. What it does to the tree happens in the middle of what the process does.
 *
 *   ACT_CALL     scandir, statx, open, readlink or pread
 *   ACT_PATH     the end of the real path that the call is on
 *   ACT_WHEN     before or after the call
 *   ACT_NTH      which of those calls, from 1
 *   ACT_COMMAND  for the shell
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static int calls;
static __thread int busy;

static int ends_with(const char *text, const char *end) {
  size_t a = strlen(text), b = strlen(end);
  return a >= b && strcmp(text + a - b, end) == 0;
}

/* The real path of a file that need not be there: of its directory, and its name. */
static void locate(const char *path, char *out) {
  char folder[PATH_MAX], real[PATH_MAX];
  strncpy(folder, path, PATH_MAX - 1);
  folder[PATH_MAX - 1] = 0;
  char *slash = strrchr(folder, '/');
  if (slash != NULL && slash[1] == 0) {
    if (realpath(path, out) == NULL) out[0] = 0;
    return;
  }
  const char *name = slash == NULL ? path : path + (slash - folder) + 1;
  if (slash != NULL) *slash = 0;
  if (realpath(slash == NULL ? "." : folder[0] == 0 ? "/" : folder, real) == NULL) real[0] = 0;
  out[0] = 0;
  strncat(out, real, PATH_MAX - 1);
  strncat(out, "/", PATH_MAX - 1 - strlen(out));
  strncat(out, name, PATH_MAX - 1 - strlen(out));
}

static int is_meant(const char *call, const char *path, int fd) {
  const char *wanted = getenv("ACT_CALL"), *end = getenv("ACT_PATH");
  if (busy || wanted == NULL || end == NULL || strcmp(wanted, call) != 0) return 0;
  char real[PATH_MAX] = "";
  busy = 1;
  if (path != NULL) locate(path, real);
  else {
    char link[64] = "/proc/self/fd/", digits[16];
    int n = 0;
    do digits[n++] = '0' + fd % 10; while ((fd /= 10) > 0);
    size_t at = strlen(link);
    while (n > 0) link[at++] = digits[--n];
    link[at] = 0;
    ssize_t length = readlinkat(AT_FDCWD, link, real, PATH_MAX - 1);
    real[length < 0 ? 0 : length] = 0;
  }
  busy = 0;
  if (!ends_with(real, end)) return 0;
  const char *nth = getenv("ACT_NTH");
  return __sync_add_and_fetch(&calls, 1) == (nth == NULL ? 1 : atoi(nth));
}

static void act(const char *when) {
  const char *wanted = getenv("ACT_WHEN"), *command = getenv("ACT_COMMAND");
  if (wanted == NULL || command == NULL || strcmp(wanted, when) != 0) return;
  busy = 1;
  unsetenv("LD_PRELOAD");
  if (system(command) != 0) _exit(99);
  busy = 0;
}

#define AROUND(call, path, fd, type, expression) \
  int meant = is_meant(call, path, fd);          \
  if (meant) act("before");                      \
  type result = expression;                      \
  if (meant) act("after");                       \
  return result

#define SCANDIR(name, entry)                                                                        \
  int name(const char *path, struct entry ***list, int (*filter)(const struct entry *),             \
           int (*compare)(const struct entry **, const struct entry **)) {                          \
    int (*real)(const char *, struct entry ***, int (*)(const struct entry *),                      \
                int (*)(const struct entry **, const struct entry **)) = dlsym(RTLD_NEXT, #name);   \
    AROUND("scandir", path, -1, int, real(path, list, filter, compare));                            \
  }
SCANDIR(scandir, dirent)
SCANDIR(scandir64, dirent64)

#define OPEN(name)                                                    \
  int name(const char *path, int flags, ...) {                        \
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, #name);    \
    va_list more;                                                     \
    va_start(more, flags);                                            \
    mode_t mode = va_arg(more, mode_t);                               \
    va_end(more);                                                     \
    AROUND("open", path, -1, int, real(path, flags, mode));           \
  }
OPEN(open)
OPEN(open64)

/* libuv calls statx(2) by its number. */
long syscall(long number, ...) {
  long (*real)(long, long, long, long, long, long, long) = dlsym(RTLD_NEXT, "syscall");
  long a[6];
  va_list arguments;
  va_start(arguments, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(arguments, long);
  va_end(arguments);
  const char *path = number == SYS_statx ? (const char *)a[1] : NULL;
  if (path == NULL || path[0] == 0) return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  AROUND("statx", path, -1, long, real(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

ssize_t readlink(const char *restrict path, char *restrict out, size_t size) {
  ssize_t (*real)(const char *, char *, size_t) = dlsym(RTLD_NEXT, "readlink");
  AROUND("readlink", path, -1, ssize_t, real(path, out, size));
}

#define PREAD(name, offset_type)                                                              \
  ssize_t name(int fd, void *into, size_t size, offset_type at) {                             \
    ssize_t (*real)(int, void *, size_t, offset_type) = dlsym(RTLD_NEXT, #name);              \
    AROUND("pread", NULL, fd, ssize_t, real(fd, into, size, at));                             \
  }
PREAD(pread, off_t)
PREAD(pread64, off64_t)
