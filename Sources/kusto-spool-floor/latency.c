// What a file takes at the least from its drop to `queued`: the two requests and every flush that protocol.md asks for, one after the other.
#define _GNU_SOURCE
#include "floor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void must(int result, const char *what) {
    if (result < 0) give_up(what, strerror(errno));
}

// A commit: a few pages of a write-ahead log, flushed; or a line of the journal.
static void flush_some(int file, size_t count) {
    static char some[16384];
    if (write(file, some, count) != (ssize_t)count) give_up("write", strerror(errno));
    must(fdatasync(file), "fdatasync");
}

static void ask(CURLM *multi, struct exchange *exchange, const char *method, const char *const *headers) {
    send_exchange(multi, exchange, method, headers, true, 201, NULL);
    run_exchanges(multi);
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

void run_latency(struct resources *resources, const char *directory, const char *outside) {
    CURLM *multi = curl_multi_init();
    struct exchange *put = new_exchange(NULL, resources->cafile), *post = new_exchange(NULL, resources->cafile);
    struct deflater *deflater = new_deflater();
    struct bytes raw = {0};
    DIR *files = opendir(directory);
    if (!files) give_up(directory, strerror(errno));
    int target = open(outside, O_RDONLY | O_DIRECTORY);
    must(target, outside);
    int log = openat(target, "log", O_WRONLY | O_CREAT | O_APPEND, 0600);
    int journal = openat(target, "journal", O_WRONLY | O_CREAT | O_APPEND, 0600);
    must(log, "log");
    must(journal, "journal");
    double *samples = NULL;
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(files));) {
        if (entry->d_type != DT_REG) continue;
        double began = now();
        char claim[32];
        snprintf(claim, sizeof claim, "claim-%zu", count);
        must(mkdirat(target, claim, 0700), claim);
        int claimed = openat(target, claim, O_RDONLY | O_DIRECTORY);
        must(linkat(dirfd(files), entry->d_name, claimed, entry->d_name, 0), entry->d_name); // a rename's cost, and the file stays for the daemon
        must(fsync(claimed), "fsync");
        must(fsync(target), "fsync");
        must(fsync(dirfd(files)), "fsync");
        flush_some(log, 8192); // claimed
        int file = openat(claimed, entry->d_name, O_RDONLY | O_NOFOLLOW);
        struct stat status;
        must(fstat(file, &status), "fstat");
        reserve(&raw, (size_t)status.st_size + 1);
        if (read(file, raw.at, raw.room) != status.st_size) give_up(entry->d_name, "was not read whole");
        close(file);
        put->body.count = 0;
        reset_deflater(deflater);
        deflate_piece(deflater, raw.at, (size_t)status.st_size, true, &put->body);
        char digest[32], header[64], name[64];
        md5_base64(put->body.at, put->body.count, digest);
        snprintf(header, sizeof header, "Content-MD5: %s", digest);
        snprintf(name, sizeof name, "latency-%zu.csv.gz", count);
        with_path(put->url, sizeof put->url, next_url(&resources->containers), name, "");
        ask(multi, put, "PUT", (const char *const[]){"x-ms-blob-type: BlockBlob", "Content-Type: application/octet-stream", header, NULL});
        flush_some(log, 8192); // posting
        post->body.count = 0;
        append_text(&post->body, "<QueueMessage><MessageText>");
        append_base64(&post->body, raw.at, 1500); // as long as a message
        append_text(&post->body, "</MessageText></QueueMessage>");
        with_path(post->url, sizeof post->url, next_url(&resources->queues), "messages", "");
        ask(multi, post, "POST", (const char *const[]){"Content-Type: application/xml", NULL});
        flush_some(log, 8192); // queued
        flush_some(journal, 400);
        unlinkat(claimed, entry->d_name, 0);
        close(claimed);
        if (count % 256 == 0) samples = realloc(samples, (count + 256) * sizeof *samples);
        samples[count++] = now() - began;
        struct timespec pause = {0, 10000000};
        nanosleep(&pause, NULL);
    }
    if (!count) give_up(directory, "has no files");
    qsort(samples, count, sizeof *samples, compare);
    printf("{\"files\":%zu,\"p50_ms\":%f,\"p99_ms\":%f}\n", count, samples[count / 2], samples[count * 99 / 100]);
}
