#pragma once
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

/* These are macros over SSL_CTX_ctrl and BIO_ctrl, which Swift does not import. */
static inline int ksc_ssl_ctx_require_tls12(SSL_CTX *_Nonnull ctx) { return (int)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION); }
static inline int ksc_bio_pending(BIO *_Nonnull bio) { return (int)BIO_pending(bio); }
