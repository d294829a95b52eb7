#pragma once
#include <zlib.h>

/* The init calls are macros that pass the library's version and the struct's size. */
static inline int ksc_inflate_init(z_stream *_Nonnull s, int window_bits) { return inflateInit2(s, window_bits); }
static inline int ksc_deflate_init(z_stream *_Nonnull s, int level, int window_bits) { return deflateInit2(s, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY); }
