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
  const char* data;
  uint32_t size; /* bytes, no final zero counted */
} fair_text;

/* Who frees `data` of a tensor. */
enum { FAIR_OWNER_CALLER = 0, FAIR_OWNER_HOST = 1 };

/* A dense tensor. dtype is numbered as ONNX's TensorProto.DataType; strides count elements. */
typedef struct fair_tensor {
  int64_t shape[FAIR_TENSOR_MAX_RANK];
  int64_t strides[FAIR_TENSOR_MAX_RANK];
  void* data;
  int32_t dtype;
  int32_t rank;
  uint32_t owner;
} fair_tensor;

/* Interleaved 8-bit pixels; valid is width*height with 0 for no data, or null where all are valid. */
typedef struct fair_image {
  int64_t row_bytes;
  const uint8_t* data;
  const uint8_t* valid;
  int32_t width, height, channels;
} fair_image;

/* SCORES f32 (batch, classes + extra, height, width), probabilities; BOXES f32 (n, 7) rows window, x0, y0, x1, y1, confidence, class in
 * window pixels; LABEL f32 (batch, classes). */
enum { FAIR_RESULT_SCORES = 0, FAIR_RESULT_BOXES = 1, FAIR_RESULT_LABEL = 2 };

typedef struct fair_result {
  fair_tensor tensor; /* data from host alloc, the host's after success */
  int32_t kind;
  int32_t extra_channels;
} fair_result;

/* Host -> plugin. `host` is passed back as the first argument. Lives as long as the process. */
typedef struct fair_host_table {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;
  void* host;
  void (*log)(void* host, int32_t level, const fair_text* message); /* level 0 debug … 3 error */
  void (*set_error)(void* host, const fair_text* message);          /* why the call that is about to fail fails */
  void* (*alloc)(void* host, uint32_t bytes);                       /* null when there is no memory */
  void (*free)(void* host, void* memory);
  int32_t (*cancelled)(void* host); /* non-zero: stop soon */
  void (*progress)(void* host, uint32_t done, uint32_t total);
  int32_t (*query)(void* host, const fair_text* name, fair_text* value); /* 0 and a value that lives as long as the host, or 1 */
} fair_host_table;

typedef struct fair_instance fair_instance; /* the plugin's own */

/* Plugin -> host. Lives as long as the process: plugins are never unloaded. Calls on one instance are serial. */
typedef struct fair_plugin_table {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;
  int32_t (*describe)(fair_text* json); /* text lives as long as the plugin */
  int32_t (*create)(const fair_text* config,
                    fair_instance** instance); /* config: the model item's MLM fields as JSON, and under fair:model the same in one spelling */
  void (*destroy)(fair_instance* instance);
  int32_t (*preprocess)(fair_instance* instance, const fair_image* windows, uint32_t count, fair_tensor* input); /* fills input->data */
  int32_t (*postprocess)(fair_instance* instance, const fair_tensor* outputs, uint32_t count, fair_result* result);
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
FAIR_PIN(fair_text, size, 4, 8);
FAIR_PIN(fair_tensor, strides, 64, 64);
FAIR_PIN(fair_tensor, data, 128, 128);
FAIR_PIN(fair_tensor, dtype, 132, 136);
FAIR_PIN(fair_tensor, owner, 140, 144);
FAIR_PIN(fair_image, data, 8, 8);
FAIR_PIN(fair_image, width, 16, 24);
FAIR_PIN(fair_result, kind, 144, 152);
FAIR_PIN(fair_host_table, host, 8, 8);
FAIR_PIN(fair_host_table, log, 12, 16);
FAIR_PIN(fair_host_table, query, 36, 64);
FAIR_PIN(fair_plugin_table, describe, 8, 8);
FAIR_PIN(fair_plugin_table, postprocess, 24, 40);
FAIR_PIN(fair_plugin_table, augment, 32, 56);
#undef FAIR_PIN
#endif

#endif
