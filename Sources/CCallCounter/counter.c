#define _GNU_SOURCE
#include "CCallCounter.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Every call is made by number, so that nothing here comes back to here. */

enum { PASS = 0, KILL = -1, DROP = -2 }; /* or an errno */

static int is_ready;
static char below[4096];
static size_t below_length;
static const char *selected, *on, *except;
static int deed = PASS;
static uint64_t at = 0, times = 1, after_microseconds = 0;
static int trace = -1;
static _Atomic uint64_t traced = 0;
static _Atomic uint64_t here[2];
static _Atomic uint64_t *counts = here; /* calls, tampered */

static uint64_t number(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

static void *kill_later(void *unused) {
    struct timespec wait = {(time_t)(after_microseconds / 1000000), (long)(after_microseconds % 1000000) * 1000};
    while (nanosleep(&wait, &wait) != 0 && errno == EINTR) {}
    syscall(SYS_kill, getpid(), SIGKILL);
    return unused;
}

__attribute__((constructor)) static void begin(void) {
    const char *directory = getenv("SPOOL_CALLS_BELOW");
    if (!directory || strlen(directory) >= sizeof below) return;
    strcpy(below, directory);
    below_length = strlen(below);
    selected = getenv("SPOOL_CALLS");
    on = getenv("SPOOL_CALLS_ON");
    except = getenv("SPOOL_CALLS_EXCEPT");
    at = number("SPOOL_CALLS_AT", 0);
    times = number("SPOOL_CALLS_TIMES", 1);
    const char *what = getenv("SPOOL_CALLS_DO");
    if (what) {
        if (!strcmp(what, "kill")) deed = KILL;
        if (!strcmp(what, "drop")) deed = DROP;
        if (!strcmp(what, "ENOSPC")) deed = ENOSPC;
        if (!strcmp(what, "EIO")) deed = EIO;
        if (!strcmp(what, "EMFILE")) deed = EMFILE;
        if (!strcmp(what, "EINTR")) deed = EINTR;
    }
    const char *path = getenv("SPOOL_CALLS_COUNT");
    if (path) {
        int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (fd >= 0 && syscall(SYS_ftruncate, fd, 16L) == 0) {
            void *memory = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            if (memory != MAP_FAILED) counts = memory;
        }
        if (fd >= 0) syscall(SYS_close, fd);
    }
    path = getenv("SPOOL_CALLS_TRACE");
    if (path) trace = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    after_microseconds = number("SPOOL_CALLS_AFTER", 0);
    is_ready = 1;
    pthread_t thread;
    if (after_microseconds > 0 && pthread_create(&thread, NULL, kill_later, NULL) == 0) pthread_detach(thread);
}

/* What a call is about. */
struct subject {
    char path[4096 + 16];
    char other[4096 + 16];
};

static void path_of(int fd, char *path) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, 4096L);
    path[length > 0 ? length : 0] = 0;
}

static void path_at(int directory, const char *name, char *path) {
    if (name[0] == '/') {
        snprintf(path, 4096, "%s", name);
        return;
    }
    if (directory == AT_FDCWD) {
        path[0] = '.';
        path[1] = 0;
    } else {
        path_of(directory, path);
    }
    size_t length = strlen(path);
    snprintf(path + length, 4096 - length, "/%s", name);
}

/* A pattern that ends in $ is meant to end the path. */
static int has(const char *path, const char *pattern) {
    size_t length = strlen(pattern), whole = strlen(path);
    if (length == 0 || pattern[length - 1] != '$') return strstr(path, pattern) != NULL;
    return whole >= length - 1 && !strncmp(path + whole - (length - 1), pattern, length - 1);
}

static int is_selected(const char *call) {
    if (!selected) return 1;
    size_t length = strlen(call);
    for (const char *found = selected; (found = strstr(found, call)); found += length) {
        if ((found == selected || found[-1] == ',') && (found[length] == 0 || found[length] == ',')) return 1;
    }
    return 0;
}

static void tell(uint64_t call_number, const char *text, const char *call, const struct subject *subject) {
    char line[9000];
    int length = snprintf(
        line, sizeof line, "%llu %s %s %s%s%s\n", (unsigned long long)call_number, text, call, subject->path,
        subject->other[0] ? " -> " : "", subject->other);
    syscall(SYS_write, trace, line, (size_t)length);
}

/* Traces and counts a call. Returns what is to be done to it; *call_number is 0 for one that is none of ours. */
static int count(const char *call, const struct subject *subject, uint64_t *call_number) {
    *call_number = 0;
    int is_file = !strncmp(subject->path, below, below_length);
    if ((!is_file && strncmp(subject->path, "socket:", 7)) || (except && has(subject->path, except))) return PASS;
    *call_number = atomic_fetch_add(&traced, 1) + 1;
    if (trace >= 0) tell(*call_number, ">", call, subject);
    if (!is_selected(call) || (on && !has(subject->path, on))) return PASS;
    uint64_t n = atomic_fetch_add(&counts[0], 1) + 1;
    if (deed == PASS || at == 0 || n < at || (times > 0 && n >= at + times)) return PASS;
    atomic_fetch_add(&counts[1], 1);
    if (deed == KILL) {
        syscall(SYS_kill, getpid(), SIGKILL);
        for (;;) pause();
    }
    return deed;
}

static void end(uint64_t call_number, const char *call, const struct subject *subject, long result) {
    if (trace < 0 || call_number == 0) return;
    int saved = errno;
    char text[32];
    snprintf(text, sizeof text, "< %ld", result);
    tell(call_number, text, call, subject);
    errno = saved;
}

/* `dropped` is what a call says that was left out: for fsync 0, for write all the bytes. */
#define TAMPERED(call, subject, dropped, made)                                                                                             \
    uint64_t call_number;                                                                                                                  \
    int what = count(call, subject, &call_number);                                                                                         \
    if (what > 0) {                                                                                                                        \
        errno = what;                                                                                                                      \
        end(call_number, call, subject, -1);                                                                                               \
        errno = what;                                                                                                                      \
        return -1;                                                                                                                         \
    }                                                                                                                                      \
    if (what == DROP) return dropped;                                                                                                      \
    long result = made;                                                                                                                    \
    end(call_number, call, subject, result);                                                                                               \
    return result

#define ON_DESCRIPTOR(fd, call, dropped, made)                                                                                             \
    if (!is_ready) return made;                                                                                                            \
    struct subject subject;                                                                                                                \
    subject.other[0] = 0;                                                                                                                  \
    path_of(fd, subject.path);                                                                                                             \
    TAMPERED(call, &subject, dropped, made)

ssize_t write(int fd, const void *bytes, size_t length) {
    ON_DESCRIPTOR(fd, "write", (ssize_t)length, syscall(SYS_write, fd, bytes, length));
}

ssize_t writev(int fd, const struct iovec *parts, int many) {
    ssize_t total = 0;
    for (int i = 0; i < many; i++) total += (ssize_t)parts[i].iov_len;
    ON_DESCRIPTOR(fd, "writev", total, syscall(SYS_writev, fd, parts, many));
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
    ON_DESCRIPTOR(fd, "pwrite", (ssize_t)length, syscall(SYS_pwrite64, fd, bytes, length, offset));
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { return pwrite(fd, bytes, length, offset); }

int fsync(int fd) { ON_DESCRIPTOR(fd, "fsync", 0, syscall(SYS_fsync, fd)); }
int fdatasync(int fd) { ON_DESCRIPTOR(fd, "fdatasync", 0, syscall(SYS_fdatasync, fd)); }
int ftruncate(int fd, off_t length) { ON_DESCRIPTOR(fd, "ftruncate", 0, syscall(SYS_ftruncate, fd, length)); }
int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned flags) {
    if (!is_ready) return (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, flags);
    struct subject subject;
    path_at(from_directory, from, subject.path);
    path_at(to_directory, to, subject.other);
    TAMPERED("rename", &subject, 0, syscall(SYS_renameat2, from_directory, from, to_directory, to, flags));
}
int renameat(int from_directory, const char *from, int to_directory, const char *to) {
    return renameat2(from_directory, from, to_directory, to, 0);
}
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int directory, const char *name, int flags) {
    if (!is_ready) return (int)syscall(SYS_unlinkat, directory, name, flags);
    struct subject subject;
    subject.other[0] = 0;
    path_at(directory, name, subject.path);
    TAMPERED("unlink", &subject, 0, syscall(SYS_unlinkat, directory, name, flags));
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }

static int open_counted(int directory, const char *name, int flags, unsigned mode) {
    if (!is_ready) return (int)syscall(SYS_openat, directory, name, flags, mode);
    struct subject subject;
    subject.other[0] = 0;
    path_at(directory, name, subject.path);
    /* An open cannot be left out: there would be nothing to go on with. */
    TAMPERED("open", &subject, (int)syscall(SYS_openat, directory, name, flags, mode), syscall(SYS_openat, directory, name, flags, mode));
}

#define MODE(flags)                                                                                                                        \
    unsigned mode = 0;                                                                                                                     \
    if (flags & (O_CREAT | O_TMPFILE)) {                                                                                                   \
        va_list rest;                                                                                                                      \
        va_start(rest, flags);                                                                                                             \
        mode = va_arg(rest, unsigned);                                                                                                     \
        va_end(rest);                                                                                                                      \
    }
int open(const char *name, int flags, ...) {
    MODE(flags)
    return open_counted(AT_FDCWD, name, flags, mode);
}
int open64(const char *name, int flags, ...) {
    MODE(flags)
    return open_counted(AT_FDCWD, name, flags, mode);
}
int openat(int directory, const char *name, int flags, ...) {
    MODE(flags)
    return open_counted(directory, name, flags, mode);
}
int openat64(int directory, const char *name, int flags, ...) {
    MODE(flags)
    return open_counted(directory, name, flags, mode);
}

/* The first words of an HTTP request; whatever else is sent has none. */
static void request_line(const char *bytes, size_t length, char *line) {
    static const char *const methods[] = {"PUT ", "POST ", "GET ", "DELETE ", "HEAD ", "MERGE ", "PATCH "};
    line[0] = 0;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        size_t method = strlen(methods[i]);
        if (length <= method || strncmp(bytes, methods[i], method)) continue;
        size_t end = method;
        while (end < length && end < 1024 && bytes[end] != '?' && bytes[end] != ' ') end++;
        memcpy(line, bytes, end);
        line[end] = 0;
        return;
    }
}

ssize_t sendto(int fd, const void *bytes, size_t length, int flags, const struct sockaddr *to, socklen_t size) {
    if (!is_ready) return syscall(SYS_sendto, fd, bytes, length, flags, to, size);
    struct subject subject;
    path_of(fd, subject.path);
    request_line(bytes, length, subject.other);
    TAMPERED("send", &subject, (ssize_t)length, syscall(SYS_sendto, fd, bytes, length, flags, to, size));
}
ssize_t send(int fd, const void *bytes, size_t length, int flags) { return sendto(fd, bytes, length, flags, NULL, 0); }

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    ssize_t total = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++) total += (ssize_t)message->msg_iov[i].iov_len;
    ON_DESCRIPTOR(fd, "send", total, syscall(SYS_sendmsg, fd, message, flags));
}
