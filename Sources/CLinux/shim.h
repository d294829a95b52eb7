#pragma once
/* _GNU_SOURCE stays undefined here: it changes glibc's structures (fd_set among them), and modules would then disagree. */
#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
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
#define KSC_SCHED_BATCH 3
#define KSC_F_SETSIG 10
#define KSC_F_SETLEASE 1024
#define KSC_F_GETLEASE 1025

/* glibc declares it for _GNU_SOURCE only; called by name and not through syscall(2), so that fault injection can interpose it. */
int renameat2(int, const char *, int, const char *, unsigned);

/* prctl(2), syscall(2), fcntl(2) and openat(2) are variadic; Swift imports none of them with the arguments needed. */
static inline void ksc_set_thread_name(const char *_Nonnull name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
static inline long ksc_getdents64(int fd, void *_Nonnull buffer, size_t length) { return syscall(SYS_getdents64, fd, buffer, length); }
static inline int ksc_renameat2(int from_dir, const char *_Nonnull from, int to_dir, const char *_Nonnull to, unsigned flags) {
    return renameat2(from_dir, from, to_dir, to, flags);
}
static inline int ksc_openat(int dir, const char *_Nonnull name, int flags, unsigned mode) { return openat(dir, name, flags, mode); }
static inline int ksc_syncfs(int fd) { return (int)syscall(SYS_syncfs, fd); }
static inline int ksc_set_lease(int fd, int type) { return fcntl(fd, KSC_F_SETLEASE, type); }
static inline int ksc_get_lease(int fd) { return fcntl(fd, KSC_F_GETLEASE); }
static inline int ksc_set_lease_signal(int fd, int signal) { return fcntl(fd, KSC_F_SETSIG, signal); }
/* statx(2) by number: neither glibc's structure nor its constants have the mount's id, and both need _GNU_SOURCE. */
static inline int ksc_statx_field(
    int fd, const char *_Nonnull name, int flags, uint32_t wanted, size_t offset, void *_Nonnull value, size_t length) {
    unsigned char buffer[256] __attribute__((aligned(8)));
    uint32_t mask;
    if (syscall(SYS_statx, fd, name, flags, wanted, buffer) != 0) return -1;
    memcpy(&mask, buffer, sizeof mask);
    if (!(mask & wanted)) return -1;
    memcpy(value, buffer + offset, length);
    return 0;
}
/* The mount's id, or -1 before Linux 5.8: stx_mnt_id. */
static inline int64_t ksc_mount_id(int fd) {
    uint64_t id;
    return ksc_statx_field(fd, "", 0x1000 /* AT_EMPTY_PATH */, 0x1000 /* STATX_MNT_ID */, 0x90, &id, sizeof id) == 0 ? (int64_t)id : -1;
}
/* When the file was made, in nanoseconds since 1970, or -1 where the file system does not know: stx_btime. */
static inline int64_t ksc_birth_time_of(int fd, const char *_Nonnull name, int flags) {
    int64_t seconds;
    uint32_t nanoseconds;
    if (ksc_statx_field(fd, name, flags, 0x800 /* STATX_BTIME */, 0x50, &seconds, sizeof seconds) != 0) return -1;
    if (ksc_statx_field(fd, name, flags, 0x800, 0x58, &nanoseconds, sizeof nanoseconds) != 0) return -1;
    return seconds * 1000000000 + nanoseconds;
}
static inline int64_t ksc_birth_time(int fd) { return ksc_birth_time_of(fd, "", 0x1000 /* AT_EMPTY_PATH */); }
static inline int64_t ksc_birth_time_at(int dir, const char *_Nonnull name) {
    return ksc_birth_time_of(dir, name, 0x100 /* AT_SYMLINK_NOFOLLOW */);
}
/* struct statfs carries the type as an architecture-dependent integer. */
static inline int64_t ksc_filesystem_type(int fd) { struct statfs s; return fstatfs(fd, &s) == 0 ? (int64_t)s.f_type : -1; }
/* The calling thread alone changes: the kernel keeps credentials and mount namespaces by thread, and glibc's functions would carry the former to all. */
static inline int ksc_thread_become(unsigned user, unsigned group) {
    if (syscall(SYS_setgroups, 0, NULL) != 0 || syscall(SYS_setresgid, group, group, group) != 0) return -1;
    return (int)syscall(SYS_setresuid, user, user, user);
}
static inline int ksc_thread_new_mount_namespace(void) { return (int)syscall(SYS_unshare, 0x00020000 /* CLONE_NEWNS */); }
