#pragma once
/* _GNU_SOURCE stays undefined here: it changes glibc's structures (fd_set among them), and modules would then disagree. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define KSC_RENAME_NOREPLACE 1u
#define KSC_F_SETLEASE 1024

/* prctl(2), syscall(2), fcntl(2) and openat(2) are variadic; Swift imports none of them with the arguments needed. */
static inline void ksc_set_thread_name(const char *_Nonnull name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
static inline long ksc_getdents64(int fd, void *_Nonnull buffer, size_t length) { return syscall(SYS_getdents64, fd, buffer, length); }
static inline int ksc_renameat2(int from_dir, const char *_Nonnull from, int to_dir, const char *_Nonnull to, unsigned flags) {
    return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}
static inline int ksc_openat(int dir, const char *_Nonnull name, int flags, unsigned mode) { return openat(dir, name, flags, mode); }
static inline int ksc_syncfs(int fd) { return (int)syscall(SYS_syncfs, fd); }
static inline int ksc_set_lease(int fd, int type) { return fcntl(fd, KSC_F_SETLEASE, type); }
/* struct statfs carries the type as an architecture-dependent integer. */
static inline int64_t ksc_filesystem_type(int fd) { struct statfs s; return fstatfs(fd, &s) == 0 ? (int64_t)s.f_type : -1; }
