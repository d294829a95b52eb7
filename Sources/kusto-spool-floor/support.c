#define _GNU_SOURCE
#include "floor.h"

#include <isa-l/igzip_lib.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void give_up(const char *what, const char *detail) {
    fprintf(stderr, "kusto-spool-floor: %s: %s\n", what, detail);
    exit(1);
}

struct resources read_resources(const char *path) {
    struct resources resources = {0};
    FILE *file = fopen(path, "r");
    if (!file) give_up("cannot read the resources", path);
    char line[8192], kind[16], value[8000];
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "%15s %7999s", kind, value) != 2) continue;
        struct urls *urls = strcmp(kind, "container") == 0 ? &resources.containers
            : strcmp(kind, "queue") == 0                   ? &resources.queues
            : strcmp(kind, "success") == 0                 ? &resources.successes
            : strcmp(kind, "failure") == 0                 ? &resources.failures
                                                           : NULL;
        if (urls && urls->count < 64) urls->of[urls->count++] = strdup(value);
        if (strcmp(kind, "identity") == 0) resources.identity = strdup(value);
        if (strcmp(kind, "database") == 0) resources.database = strdup(value);
        if (strcmp(kind, "table") == 0) resources.table = strdup(value);
        if (strcmp(kind, "cafile") == 0) resources.cafile = strdup(value);
    }
    fclose(file);
    if (!resources.containers.count || !resources.queues.count || !resources.identity || !resources.database || !resources.table)
        give_up("resources are missing", path);
    return resources;
}

const char *next_url(struct urls *urls) { return urls->of[urls->next++ % urls->count]; }

void with_path(char *into, size_t size, const char *url, const char *path, const char *query) {
    const char *signature = strchr(url, '?');
    if (!signature) give_up("a resource has no signature", "");
    snprintf(into, size, "%.*s/%s?%s%s%s", (int)(signature - url), url, path, query, *query ? "&" : "", signature + 1);
}

void reserve(struct bytes *bytes, size_t room) {
    if (bytes->room >= room) return;
    bytes->room = room > 2 * bytes->room ? room : 2 * bytes->room;
    bytes->at = realloc(bytes->at, bytes->room);
    if (!bytes->at) give_up("no memory", "");
}

void append_text(struct bytes *bytes, const char *text) {
    size_t count = strlen(text);
    reserve(bytes, bytes->count + count);
    memcpy(bytes->at + bytes->count, text, count);
    bytes->count += count;
}

void append_base64(struct bytes *bytes, const uint8_t *from, size_t count) {
    reserve(bytes, bytes->count + count / 3 * 4 + 8);
    bytes->count += (size_t)EVP_EncodeBlock(bytes->at + bytes->count, from, (int)count);
}

void md5_base64(const uint8_t *from, size_t count, char into[32]) {
    static EVP_MD *md5;
    static EVP_MD_CTX *context;
    if (!md5) {
        md5 = EVP_MD_fetch(NULL, "MD5", NULL);
        context = EVP_MD_CTX_new();
    }
    uint8_t digest[16];
    unsigned length;
    EVP_DigestInit_ex2(context, md5, NULL);
    EVP_DigestUpdate(context, from, count);
    EVP_DigestFinal_ex(context, digest, &length);
    EVP_EncodeBlock((uint8_t *)into, digest, 16);
}

struct deflater {
    struct isal_zstream stream;
    uint8_t level[ISAL_DEF_LVL1_DEFAULT];
};

void reset_deflater(struct deflater *deflater) {
    isal_deflate_reset(&deflater->stream);
    deflater->stream.gzip_flag = IGZIP_GZIP;
    deflater->stream.end_of_stream = 0;
}

struct deflater *new_deflater(void) {
    struct deflater *deflater = calloc(1, sizeof *deflater);
    if (!deflater) give_up("no memory", "");
    isal_deflate_init(&deflater->stream);
    deflater->stream.level = 1;
    deflater->stream.level_buf = deflater->level;
    deflater->stream.level_buf_size = sizeof deflater->level;
    deflater->stream.flush = NO_FLUSH;
    reset_deflater(deflater);
    return deflater;
}

void deflate_piece(struct deflater *deflater, const uint8_t *from, size_t count, bool is_last, struct bytes *into) {
    struct isal_zstream *stream = &deflater->stream;
    stream->next_in = (uint8_t *)from;
    stream->avail_in = (uint32_t)count;
    stream->end_of_stream = is_last;
    do {
        reserve(into, into->count + count / 2 + 4096);
        stream->next_out = into->at + into->count;
        stream->avail_out = (uint32_t)(into->room - into->count);
        if (isal_deflate(stream) != COMP_OK) give_up("igzip failed", "");
        into->count = into->room - stream->avail_out;
    } while (stream->avail_out == 0);
}

// MARK: - Requests

static int under_way;

static size_t take_reply(char *from, size_t size, size_t count, void *context) {
    struct exchange *exchange = context;
    reserve(&exchange->reply, exchange->reply.count + size * count + 1);
    memcpy(exchange->reply.at + exchange->reply.count, from, size * count);
    exchange->reply.count += size * count;
    exchange->reply.at[exchange->reply.count] = 0;
    return size * count;
}

struct exchange *new_exchange(void *owner, const char *cafile) {
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange || !(exchange->easy = curl_easy_init())) give_up("no memory", "");
    exchange->owner = owner;
    curl_easy_setopt(exchange->easy, CURLOPT_WRITEFUNCTION, take_reply);
    curl_easy_setopt(exchange->easy, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(exchange->easy, CURLOPT_PRIVATE, exchange);
    curl_easy_setopt(exchange->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(exchange->easy, CURLOPT_TIMEOUT, 120L);
    if (cafile) curl_easy_setopt(exchange->easy, CURLOPT_CAINFO, cafile);
    return exchange;
}

void send_exchange(CURLM *multi, struct exchange *exchange, const char *method, const char *const *headers, bool has_body, long wanted,
                   void (*done)(struct exchange *)) {
    curl_slist_free_all(exchange->headers);
    exchange->headers = curl_slist_append(NULL, "Expect:");
    exchange->headers = curl_slist_append(exchange->headers, "x-ms-version: 2019-12-12");
    for (; *headers; headers++) exchange->headers = curl_slist_append(exchange->headers, *headers);
    exchange->reply.count = 0;
    exchange->wanted = wanted;
    exchange->done = done;
    curl_easy_setopt(exchange->easy, CURLOPT_URL, exchange->url);
    curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, exchange->headers);
    if (has_body) {
        curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->body.count);
        curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDS, exchange->body.at);
    } else {
        curl_easy_setopt(exchange->easy, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(exchange->easy, CURLOPT_CUSTOMREQUEST, method);
    if (curl_multi_add_handle(multi, exchange->easy) != CURLM_OK) give_up("cannot send", method);
    under_way++;
}

void run_exchanges(CURLM *multi) {
    while (under_way > 0) {
        int running, left;
        if (curl_multi_perform(multi, &running) != CURLM_OK) give_up("libcurl failed", "");
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
            struct exchange *exchange;
            CURLcode code = message->data.result;
            long status;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
            curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
            if (code != CURLE_OK) give_up(exchange->url, curl_easy_strerror(code));
            if (status != exchange->wanted) give_up(exchange->url, exchange->reply.count ? (char *)exchange->reply.at : "an unexpected status");
            curl_multi_remove_handle(multi, message->easy_handle);
            under_way--;
            if (exchange->done) exchange->done(exchange);
        }
        if (under_way > 0 && curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK) give_up("libcurl failed", "");
    }
}
