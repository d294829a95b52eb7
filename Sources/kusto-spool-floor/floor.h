// The floor: what a program costs that sends the same requests as kusto-spool and keeps no books. `make bench` divides by it.
//
//   kusto-spool-floor small RESOURCES DIRECTORY     reads, gzips and hashes each file, PUTs it, POSTs its message, drains and deletes the notifications
//   kusto-spool-floor large RESOURCES FILE [plain]  one file in blocks; "plain" sends it as it is
//   kusto-spool-floor latency RESOURCES DIRECTORY OUTSIDE   one file after the other, with the flushes that protocol.md asks for; milliseconds
//
// RESOURCES has a line for each: "container URL", "queue URL", "success URL", "failure URL", "identity TOKEN", "database NAME", "table NAME", and
// may have "cafile PATH". What it did is printed as one line of JSON. It trusts its cloud, checks statuses only, and ends at the first surprise.
#pragma once

#include <curl/curl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the run was given.

struct urls {
    char *of[64];
    unsigned count, next;
};

struct resources {
    struct urls containers, queues, successes, failures;
    char *identity, *database, *table, *cafile;
};

struct resources read_resources(const char *path);

// The next URL of a kind in turn.
const char *next_url(struct urls *urls);

// "HEAD?QUERY" with `path` between the two, and `query` before the signature where it is not empty.
void with_path(char *into, size_t size, const char *url, const char *path, const char *query);

_Noreturn void give_up(const char *what, const char *detail);

// Bytes that grow.
struct bytes {
    uint8_t *at;
    size_t count, room;
};

void reserve(struct bytes *bytes, size_t room);
void append_text(struct bytes *bytes, const char *text);
void append_base64(struct bytes *bytes, const uint8_t *from, size_t count);
void md5_base64(const uint8_t *from, size_t count, char into[32]);

// gzip, ISA-L level 1.
struct deflater;
struct deflater *new_deflater(void);
void deflate_piece(struct deflater *deflater, const uint8_t *from, size_t count, bool is_last, struct bytes *into);
void reset_deflater(struct deflater *deflater);

// One request that is made again and again, over libcurl's multi interface.
struct exchange {
    CURL *easy;
    struct curl_slist *headers;
    struct bytes body, reply;
    char url[8192];
    long wanted;
    void (*done)(struct exchange *exchange);
    void *owner;
};

struct exchange *new_exchange(void *owner, const char *cafile);
void send_exchange(CURLM *multi, struct exchange *exchange, const char *method, const char *const *headers, bool has_body, long wanted,
                   void (*done)(struct exchange *));
// Runs until nothing is under way.
void run_exchanges(CURLM *multi);

void run_small(struct resources *resources, const char *directory);
void run_latency(struct resources *resources, const char *directory, const char *outside);
void run_large(struct resources *resources, const char *file, bool plain);
