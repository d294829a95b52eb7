// One large file: read, gzipped, hashed and sent in blocks, as many under way as buffers allow.
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { block_size = 4 << 20, blocks_under_way = 4, piece_size = 256 << 10 };

static struct {
    struct resources *resources;
    CURLM *multi;
    struct deflater *deflater;
    int file;
    bool plain, is_read;
    const char *container;
    uint8_t piece[piece_size];
    uint64_t raw, sent;
    unsigned blocks;
} run;

static void block_id(unsigned number, char into[32]) {
    char plain[16];
    snprintf(plain, sizeof plain, "%08u", number);
    EVP_EncodeBlock((uint8_t *)into, (const uint8_t *)plain, 8);
}

static void next_block(struct exchange *exchange) {
    struct bytes *body = &exchange->body;
    body->count = 0;
    reserve(body, block_size + piece_size);
    while (!run.is_read && body->count < block_size) {
        ssize_t count = read(run.file, run.plain ? body->at + body->count : run.piece, piece_size);
        if (count < 0) give_up("read", strerror(errno));
        run.raw += (uint64_t)count;
        run.is_read = count == 0;
        if (run.plain) body->count += (size_t)count;
        else deflate_piece(run.deflater, run.piece, (size_t)count, run.is_read, body);
    }
    if (body->count == 0) return;
    char digest[32], header[64], id[32], query[96];
    md5_base64(body->at, body->count, digest);
    snprintf(header, sizeof header, "Content-MD5: %s", digest);
    block_id(run.blocks++, id);
    char *escaped = curl_easy_escape(NULL, id, 0);
    snprintf(query, sizeof query, "comp=block&blockid=%s", escaped);
    curl_free(escaped);
    with_path(exchange->url, sizeof exchange->url, run.container, "floor.csv.gz", query);
    run.sent += body->count;
    send_exchange(
        run.multi, exchange, "PUT", (const char *const[]){"Content-Type: application/octet-stream", header, NULL}, true, 201, next_block);
}

static void listed(struct exchange *exchange) { (void)exchange; }

void run_large(struct resources *resources, const char *file, bool plain) {
    run.resources = resources;
    run.multi = curl_multi_init();
    run.deflater = new_deflater();
    run.plain = plain;
    run.container = next_url(&resources->containers);
    run.file = open(file, O_RDONLY | O_CLOEXEC);
    if (run.file < 0) give_up(file, strerror(errno));
    for (int index = 0; index < blocks_under_way; index++) next_block(new_exchange(NULL, resources->cafile));
    run_exchanges(run.multi);
    struct exchange *list = new_exchange(NULL, resources->cafile);
    append_text(&list->body, "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
    for (unsigned number = 0; number < run.blocks; number++) {
        char id[32];
        block_id(number, id);
        append_text(&list->body, "<Latest>");
        append_text(&list->body, id);
        append_text(&list->body, "</Latest>");
    }
    append_text(&list->body, "</BlockList>");
    with_path(list->url, sizeof list->url, run.container, "floor.csv.gz", "comp=blocklist");
    send_exchange(run.multi, list, "PUT", (const char *const[]){"Content-Type: application/xml", NULL}, true, 201, listed);
    run_exchanges(run.multi);
    printf("{\"raw\":%llu,\"sent\":%llu,\"blocks\":%u}\n", (unsigned long long)run.raw, (unsigned long long)run.sent, run.blocks);
}
