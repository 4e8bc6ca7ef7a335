/* The C contract between a host and a model plugin. Append only: a new member goes to a table's end and raises the minor.
 *
 * A plugin exports one symbol, fair_plugin_<name>, a fair_plugin_entry. The host passes its table and gets the plugin's. Majors must be
 * equal, the host's minor at least the plugin's; each side reads min(struct_size) bytes, and a null slot means "not supported".
 * Strings are UTF-8 with a length in front. Nothing throws across. A call that fails returns non-zero, has told why by set_error, has
 * left its out-parameters untouched and leaves nothing to free. All memory that crosses is the host's: from fair_host_table.alloc.
 * 64-bit integers stand in structs only and nothing is passed by value but pointers and 32-bit numbers: JavaScript hosts can call it. */
#ifndef FAIR_CORE_PLUGIN_ABI_H
#define FAIR_CORE_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FAIR_ABI_MAJOR 1
#define FAIR_ABI_MINOR 0
#define FAIR_TENSOR_MAX_RANK 8

/* Text that its owner keeps alive as each call says. */
typedef struct fair_text {
  const char* data; /* UTF-8 */
  uint32_t size;    /* bytes, no final zero counted */
} fair_text;

/* Who frees `data` of a tensor. */
enum { FAIR_OWNER_CALLER = 0, FAIR_OWNER_HOST = 1 };

/* A dense tensor. dtype is numbered as ONNX's TensorProto.DataType; strides count elements. */
typedef struct fair_tensor {
  int64_t shape[FAIR_TENSOR_MAX_RANK];   /* the first `rank` count */
  int64_t strides[FAIR_TENSOR_MAX_RANK]; /* elements from one index to the next, an axis */
  void* data;                            /* the first element */
  int32_t dtype;                         /* 1 float32, 2 uint8, 7 int64 … */
  int32_t rank;                          /* axes, at most FAIR_TENSOR_MAX_RANK */
  uint32_t owner;                        /* FAIR_OWNER_CALLER or FAIR_OWNER_HOST */
} fair_tensor;

/* Interleaved 8-bit pixels; valid is width*height with 0 for no data, or null where all are valid. */
typedef struct fair_image {
  int64_t row_bytes;               /* from one row's first byte to the next's; may be more than width*channels */
  const uint8_t* data;             /* red, green, blue of the first pixel, then of the next */
  const uint8_t* valid;            /* width*height, or null */
  int32_t width, height, channels; /* pixels, pixels, bytes a pixel */
} fair_image;

/* SCORES f32 (batch, classes + extra, height, width), probabilities; BOXES f32 (n, 7) rows window, x0, y0, x1, y1, confidence, class in
 * window pixels; LABEL f32 (batch, classes). */
enum { FAIR_RESULT_SCORES = 0, FAIR_RESULT_BOXES = 1, FAIR_RESULT_LABEL = 2 };

typedef struct fair_result {
  fair_tensor tensor;     /* data from host alloc, the host's after success */
  int32_t kind;           /* FAIR_RESULT_… */
  int32_t extra_channels; /* of SCORES: 1 where borders between touching things follow the classes, else 0 */
} fair_result;

/* Host -> plugin. `host` is passed back as the first argument. Lives as long as the process. */
typedef struct fair_host_table {
  uint32_t struct_size;                                                  /* bytes of this table as its writer knows it */
  uint16_t abi_major, abi_minor;                                         /* the contract's version as its writer knows it */
  void* host;                                                            /* the host's own */
  void (*log)(void* host, int32_t level, const fair_text* message);      /* level 0 debug … 3 error */
  void (*set_error)(void* host, const fair_text* message);               /* why the call that is about to fail fails */
  void* (*alloc)(void* host, uint32_t bytes);                            /* null when there is no memory */
  void (*free)(void* host, void* memory);                                /* of alloc */
  int32_t (*cancelled)(void* host);                                      /* non-zero: stop soon */
  void (*progress)(void* host, uint32_t done, uint32_t total);           /* of the call in progress */
  int32_t (*query)(void* host, const fair_text* name, fair_text* value); /* 0 and a value that lives as long as the host, or 1 */
} fair_host_table;

typedef struct fair_instance fair_instance; /* the plugin's own */

/* Plugin -> host. Lives as long as the process: plugins are never unloaded. Calls on one instance are serial. */
typedef struct fair_plugin_table {
  uint32_t struct_size;                 /* bytes of this table as its writer knows it */
  uint16_t abi_major, abi_minor;        /* the contract's version as its writer knows it */
  int32_t (*describe)(fair_text* json); /* text lives as long as the plugin */
  int32_t (*create)(const fair_text* config,
                    fair_instance** instance); /* config: the model item's MLM fields as JSON, and under fair:model the same in one spelling */
  void (*destroy)(fair_instance* instance);    /* called once for each instance */
  int32_t (*preprocess)(fair_instance* instance, const fair_image* windows, uint32_t count, fair_tensor* input); /* fills input->data */
  int32_t (*postprocess)(fair_instance* instance, const fair_tensor* outputs, uint32_t count,
                         fair_result* result); /* outputs: the graph's, `count` of them, a whole batch each */
  /* Training, both optional; a null slot leaves the host's own. Labels are class values (height, width) u8 with 255 = ignore. */
  int32_t (*targets)(fair_instance* instance, const fair_tensor* labels, uint32_t count, fair_tensor* targets);
  int32_t (*augment)(fair_instance* instance, fair_tensor* pixels, fair_tensor* labels, uint32_t seed);
} fair_plugin_table;

/* Fills *out and returns 0, or returns non-zero having called set_error. *out comes with struct_size set to what the host can take. */
typedef int32_t (*fair_plugin_entry)(const fair_host_table* host, fair_plugin_table* out);

#ifdef __cplusplus
}

/* The layout is the contract: pinned for 32-bit and 64-bit pointers. */
constexpr bool fair_pinned(decltype(sizeof(0)) at, decltype(sizeof(0)) on32, decltype(sizeof(0)) on64) {
  return at == (sizeof(void*) == 4 ? on32 : on64);
}
#define FAIR_PIN(type, member, on32, on64) static_assert(fair_pinned(offsetof(type, member), on32, on64), #type "." #member " moved")
FAIR_PIN(fair_text, data, 0, 0);
FAIR_PIN(fair_text, size, 4, 8);
FAIR_PIN(fair_tensor, shape, 0, 0);
FAIR_PIN(fair_tensor, strides, 64, 64);
FAIR_PIN(fair_tensor, data, 128, 128);
FAIR_PIN(fair_tensor, dtype, 132, 136);
FAIR_PIN(fair_tensor, rank, 136, 140);
FAIR_PIN(fair_tensor, owner, 140, 144);
FAIR_PIN(fair_image, row_bytes, 0, 0);
FAIR_PIN(fair_image, data, 8, 8);
FAIR_PIN(fair_image, valid, 12, 16);
FAIR_PIN(fair_image, width, 16, 24);
FAIR_PIN(fair_image, height, 20, 28);
FAIR_PIN(fair_image, channels, 24, 32);
FAIR_PIN(fair_result, tensor, 0, 0);
FAIR_PIN(fair_result, kind, 144, 152);
FAIR_PIN(fair_result, extra_channels, 148, 156);
FAIR_PIN(fair_host_table, struct_size, 0, 0);
FAIR_PIN(fair_host_table, abi_major, 4, 4);
FAIR_PIN(fair_host_table, abi_minor, 6, 6);
FAIR_PIN(fair_host_table, host, 8, 8);
FAIR_PIN(fair_host_table, log, 12, 16);
FAIR_PIN(fair_host_table, set_error, 16, 24);
FAIR_PIN(fair_host_table, alloc, 20, 32);
FAIR_PIN(fair_host_table, free, 24, 40);
FAIR_PIN(fair_host_table, cancelled, 28, 48);
FAIR_PIN(fair_host_table, progress, 32, 56);
FAIR_PIN(fair_host_table, query, 36, 64);
FAIR_PIN(fair_plugin_table, struct_size, 0, 0);
FAIR_PIN(fair_plugin_table, abi_major, 4, 4);
FAIR_PIN(fair_plugin_table, abi_minor, 6, 6);
FAIR_PIN(fair_plugin_table, describe, 8, 8);
FAIR_PIN(fair_plugin_table, create, 12, 16);
FAIR_PIN(fair_plugin_table, destroy, 16, 24);
FAIR_PIN(fair_plugin_table, preprocess, 20, 32);
FAIR_PIN(fair_plugin_table, postprocess, 24, 40);
FAIR_PIN(fair_plugin_table, targets, 28, 48);
FAIR_PIN(fair_plugin_table, augment, 32, 56);
#undef FAIR_PIN
#endif

#endif
