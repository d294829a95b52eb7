// Many small files, one blob each, until every notification is deleted.
#define _GNU_SOURCE
#include "floor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { files_under_way = 64, deletions_under_way = 64 };

struct deletion {
    struct exchange *exchange;
    bool is_busy;
};

struct waiting {
    char id[64], receipt[192];
    const char *queue;
};

static struct {
    struct resources *resources;
    CURLM *multi;
    DIR *directory;
    struct deflater *deflater;
    struct bytes raw, message;
    struct deletion deletions[deletions_under_way];
    // Notifications that were read and wait for a free deletion.
    struct waiting *waiting;
    size_t waiting_count, waiting_room;
    size_t posted, read, drained, sending;
    bool is_read;
    // Queues that were found empty: looked at again when more has been posted.
    struct exchange *idle[128];
    unsigned idle_count;
} run;

struct sending {
    struct exchange *put, *post;
    char id[40], blob_url[4096];
    size_t raw_size;
};

static void next_file(struct sending *sending);
static void read_queue(struct exchange *exchange);

static void read_idle_queues(void) {
    unsigned count = run.idle_count;
    run.idle_count = 0;
    for (unsigned index = 0; index < count; index++) read_queue(run.idle[index]);
}

static void make_id(char into[40]) {
    uint8_t random[16];
    RAND_bytes(random, sizeof random);
    int at = 0;
    for (int index = 0; index < 16; index++)
        at += sprintf(into + at, "%s%02x", index == 4 || index == 6 || index == 8 || index == 10 ? "-" : "", random[index]);
}

static void posted(struct exchange *exchange) {
    struct sending *sending = exchange->owner;
    run.posted++;
    next_file(sending);
    if (run.posted % 64 == 0 || run.sending == 0) read_idle_queues();
}

static void put(struct exchange *exchange) {
    struct sending *sending = exchange->owner;
    struct bytes *body = &sending->post->body;
    char number[32];
    run.message.count = 0;
    append_text(&run.message, "{\"Id\":\"");
    append_text(&run.message, sending->id);
    append_text(&run.message, "\",\"BlobPath\":\"");
    append_text(&run.message, sending->blob_url);
    append_text(&run.message, "\",\"RawDataSize\":");
    sprintf(number, "%zu", sending->raw_size);
    append_text(&run.message, number);
    append_text(&run.message, ",\"DatabaseName\":\"");
    append_text(&run.message, run.resources->database);
    append_text(&run.message, "\",\"TableName\":\"");
    append_text(&run.message, run.resources->table);
    append_text(&run.message, "\",\"RetainBlobOnSuccess\":true,\"FlushImmediately\":false,\"ReportLevel\":2,\"ReportMethod\":0,"
                              "\"AdditionalProperties\":{\"format\":\"csv\",\"authorizationContext\":\"");
    append_text(&run.message, run.resources->identity);
    append_text(&run.message, "\"}}");
    body->count = 0;
    append_text(body, "<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessage><MessageText>");
    append_base64(body, run.message.at, run.message.count);
    append_text(body, "</MessageText></QueueMessage>");
    with_path(sending->post->url, sizeof sending->post->url, next_url(&run.resources->queues), "messages", "");
    send_exchange(run.multi, sending->post, "POST", (const char *const[]){"Content-Type: application/xml", NULL}, true, 201, posted);
}

static void next_file(struct sending *sending) {
    struct dirent *entry;
    do entry = run.is_read ? NULL : readdir(run.directory);
    while (entry && entry->d_type != DT_REG);
    if (!entry) {
        run.is_read = true;
        run.sending--;
        return;
    }
    int file = openat(dirfd(run.directory), entry->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) give_up(entry->d_name, strerror(errno));
    reserve(&run.raw, (size_t)status.st_size + 1);
    ssize_t count = read(file, run.raw.at, run.raw.room);
    if (count != status.st_size) give_up(entry->d_name, "was not read whole");
    close(file);
    sending->raw_size = (size_t)count;
    struct bytes *body = &sending->put->body;
    body->count = 0;
    reset_deflater(run.deflater);
    deflate_piece(run.deflater, run.raw.at, sending->raw_size, true, body);
    char digest[32], digest_header[64], name[64];
    md5_base64(body->at, body->count, digest);
    snprintf(digest_header, sizeof digest_header, "Content-MD5: %s", digest);
    make_id(sending->id);
    snprintf(name, sizeof name, "%s.csv.gz", sending->id);
    with_path(sending->blob_url, sizeof sending->blob_url, next_url(&run.resources->containers), name, "");
    strcpy(sending->put->url, sending->blob_url);
    send_exchange(
        run.multi, sending->put, "PUT",
        (const char *const[]){"x-ms-blob-type: BlockBlob", "Content-Type: application/octet-stream", digest_header, NULL}, true, 201, put);
}

// MARK: - Notifications

static void delete_waiting(void);

static void deleted(struct exchange *exchange) {
    struct deletion *deletion = exchange->owner;
    deletion->is_busy = false;
    run.drained++;
    delete_waiting();
}

static void delete_waiting(void) {
    for (int index = 0; index < deletions_under_way && run.waiting_count > 0; index++) {
        struct deletion *deletion = &run.deletions[index];
        if (deletion->is_busy) continue;
        struct waiting *waiting = &run.waiting[--run.waiting_count];
        char path[128], query[256];
        snprintf(path, sizeof path, "messages/%s", waiting->id);
        char *receipt = curl_easy_escape(NULL, waiting->receipt, 0);
        snprintf(query, sizeof query, "popreceipt=%s", receipt);
        curl_free(receipt);
        with_path(deletion->exchange->url, sizeof deletion->exchange->url, waiting->queue, path, query);
        deletion->is_busy = true;
        send_exchange(run.multi, deletion->exchange, "DELETE", (const char *const[]){NULL}, false, 204, deleted);
    }
}

static bool take_element(const char **at, const char *name, char *into, size_t room) {
    char open[32];
    snprintf(open, sizeof open, "<%s>", name);
    const char *begin = strstr(*at, open);
    if (!begin) return false;
    begin += strlen(open);
    const char *end = strchr(begin, '<');
    if (!end || (size_t)(end - begin) >= room) give_up("an unreadable reply", name);
    memcpy(into, begin, (size_t)(end - begin));
    into[end - begin] = 0;
    *at = end;
    return true;
}

static void page_read(struct exchange *exchange) {
    const char *at = exchange->reply.count ? (const char *)exchange->reply.at : "";
    if (run.waiting_room < run.waiting_count + 32) {
        run.waiting_room = 2 * run.waiting_room + 64;
        run.waiting = realloc(run.waiting, run.waiting_room * sizeof *run.waiting);
    }
    unsigned count = 0;
    for (; count < 32; count++) {
        struct waiting *waiting = &run.waiting[run.waiting_count];
        char text[4096];
        if (!take_element(&at, "MessageId", waiting->id, sizeof waiting->id)) break;
        take_element(&at, "PopReceipt", waiting->receipt, sizeof waiting->receipt);
        // Read as far as a program must that wants to know which source it is about.
        take_element(&at, "MessageText", text, sizeof text);
        uint8_t decoded[4096];
        if (EVP_DecodeBlock(decoded, (const uint8_t *)text, (int)strlen(text)) < 0 || !strstr((char *)decoded, "IngestionSourceId"))
            give_up("a notification is unreadable", text);
        waiting->queue = exchange->owner;
        run.waiting_count++;
        run.read++;
    }
    if (count == 0 && run.sending > 0) {
        run.idle[run.idle_count++] = exchange;
        return;
    }
    if (count == 0) {
        // Nothing else to do but to wait for the service.
        struct timespec pause = {0, 5000000};
        nanosleep(&pause, NULL);
    }
    read_queue(exchange);
}

static void read_queue(struct exchange *exchange) {
    delete_waiting();
    if (run.sending == 0 && run.read >= run.posted && run.waiting_count == 0) return;
    with_path(exchange->url, sizeof exchange->url, exchange->owner, "messages", "numofmessages=32&visibilitytimeout=60");
    send_exchange(run.multi, exchange, "GET", (const char *const[]){NULL}, false, 200, page_read);
}

void run_small(struct resources *resources, const char *directory) {
    run.resources = resources;
    run.multi = curl_multi_init();
    curl_multi_setopt(run.multi, CURLMOPT_MAXCONNECTS, (long)(files_under_way + deletions_under_way + 8));
    run.deflater = new_deflater();
    run.directory = opendir(directory);
    if (!run.directory) give_up(directory, strerror(errno));
    for (int index = 0; index < deletions_under_way; index++)
        run.deletions[index].exchange = new_exchange(&run.deletions[index], resources->cafile);
    struct sending sendings[files_under_way] = {0};
    for (int index = 0; index < files_under_way; index++) {
        sendings[index].put = new_exchange(&sendings[index], resources->cafile);
        sendings[index].post = new_exchange(&sendings[index], resources->cafile);
        run.sending++;
        next_file(&sendings[index]);
    }
    for (unsigned index = 0; index < resources->successes.count; index++)
        read_queue(new_exchange(resources->successes.of[index], resources->cafile));
    for (unsigned index = 0; index < resources->failures.count; index++)
        read_queue(new_exchange(resources->failures.of[index], resources->cafile));
    run_exchanges(run.multi);
    printf("{\"files\":%zu,\"notifications\":%zu}\n", run.posted, run.drained);
}
