#pragma once
#include <isa-l/igzip_lib.h>
#include <isa-l/crc.h>

/* A macro of macros, which Swift does not import. */
static const uint32_t ksc_isal_level1_buffer_size = ISAL_DEF_LVL1_DEFAULT;
