#pragma once
#include <curl/curl.h>

/* libcurl's setters and getters are variadic macros, which Swift does not import: each wrapper fixes one argument type. */
typedef size_t (*ksc_data_callback)(char *_Nonnull, size_t, size_t, void *_Nullable);
typedef int (*ksc_seek_callback)(void *_Nullable, curl_off_t, int);
typedef int (*ksc_prereq_callback)(void *_Nullable, char *_Nullable, char *_Nullable, int, int);
typedef int (*ksc_sockopt_callback)(void *_Nullable, curl_socket_t, curlsocktype);
typedef int (*ksc_closesocket_callback)(void *_Nullable, curl_socket_t);
typedef int (*ksc_socket_callback)(CURL *_Nonnull, curl_socket_t, int, void *_Nullable, void *_Nullable);
typedef int (*ksc_timer_callback)(CURLM *_Nonnull, long, void *_Nullable);

static inline CURLcode ksc_set_long(CURL *_Nonnull h, CURLoption o, long v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ksc_set_offset(CURL *_Nonnull h, CURLoption o, curl_off_t v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ksc_set_string(CURL *_Nonnull h, CURLoption o, const char *_Nullable v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ksc_set_pointer(CURL *_Nonnull h, CURLoption o, const void *_Nullable v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ksc_set_data_callback(CURL *_Nonnull h, CURLoption o, ksc_data_callback _Nullable v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ksc_set_seek_callback(CURL *_Nonnull h, ksc_seek_callback _Nullable v) { return curl_easy_setopt(h, CURLOPT_SEEKFUNCTION, v); }
static inline CURLcode ksc_set_prereq_callback(CURL *_Nonnull h, ksc_prereq_callback _Nullable v) { return curl_easy_setopt(h, CURLOPT_PREREQFUNCTION, v); }
static inline CURLcode ksc_set_sockopt_callback(CURL *_Nonnull h, ksc_sockopt_callback _Nullable v) { return curl_easy_setopt(h, CURLOPT_SOCKOPTFUNCTION, v); }
static inline CURLcode ksc_set_closesocket_callback(CURL *_Nonnull h, ksc_closesocket_callback _Nullable v) { return curl_easy_setopt(h, CURLOPT_CLOSESOCKETFUNCTION, v); }
static inline CURLMcode ksc_multi_set_long(CURLM *_Nonnull m, CURLMoption o, long v) { return curl_multi_setopt(m, o, v); }
static inline CURLMcode ksc_multi_set_pointer(CURLM *_Nonnull m, CURLMoption o, void *_Nullable v) { return curl_multi_setopt(m, o, v); }
static inline CURLMcode ksc_multi_set_socket_callback(CURLM *_Nonnull m, ksc_socket_callback _Nullable v) { return curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, v); }
static inline CURLMcode ksc_multi_set_timer_callback(CURLM *_Nonnull m, ksc_timer_callback _Nullable v) { return curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, v); }
static inline CURLcode ksc_get_long(CURL *_Nonnull h, CURLINFO i, long *_Nonnull v) { return curl_easy_getinfo(h, i, v); }
static inline CURLcode ksc_get_offset(CURL *_Nonnull h, CURLINFO i, curl_off_t *_Nonnull v) { return curl_easy_getinfo(h, i, v); }
static inline CURLcode ksc_get_pointer(CURL *_Nonnull h, CURLINFO i, void *_Nullable *_Nonnull v) { return curl_easy_getinfo(h, i, v); }
/* CURLMsg.data is a union, whose members Swift reads only by name of the union. */
static inline CURLcode ksc_message_result(const CURLMsg *_Nonnull m) { return m->data.result; }
