/* What JavaScript calls. Plain C: 32-bit numbers and pointers go in, one 32-bit number comes back.
 *
 * A call that fails returns -1 and its answer is the error as JSON {code, thing, expected, found, hint, message}. Other answers are as each call
 * says: UTF-8 text, or 32-bit numbers. fair_answer() points at the last call's answer, fair_answer_size() counts its bytes; both hold until the
 * next call. Memory may have grown after any call: views of it are made anew. Handles are small positive numbers and are never used twice. */
#ifndef FAIR_WASM_HOST_EXPORTS_H
#define FAIR_WASM_HOST_EXPORTS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when a call changes its meaning: host and package must be of one kind. */
#define FAIR_EXPORTS_VERSION 1
int32_t fair_exports_version(void);

/* Memory for what JavaScript hands in. Null where there is none left. */
void* fair_alloc(uint32_t bytes);
void fair_free(void* memory);

const void* fair_answer(void);
uint32_t fair_answer_size(void);

/* What needs no handle: a question {"ask": NAME, …} and its answer, both JSON. The names, and what each takes and gives, are in questions.h. */
int32_t fair_ask(const char* question, uint32_t size);

/* A plugin whose code is in memory: `entry` is its exported function as an index of the table; 0 only
 * looks at the manifest. Answers its description, JSON. */
int32_t fair_plugin_take(uint32_t entry, const char* manifest, uint32_t size);

/* Tiles: {"template": TEXT} or {"tilejson": DOCUMENT, "thing": ADDRESS}, and "tile_size" (256). Gives a handle; answers {tile_size, min_zoom,
 * max_zoom, bounds|null}. */
int32_t fair_source_open(const char* request, uint32_t size);
/* Answers the tile's address. */
int32_t fair_source_url(int32_t source, int32_t z, int32_t x, int32_t y);
int32_t fair_source_close(int32_t source);

/* A prediction: {"model": SPEC, "params": {…}, "grid": GRID, "batch_size", "batches_in_flight", "windows_ahead", "area": POLYGONS}.
 * SPEC is what asking "model" or "metadata" answered, "params" what asking "params" did, GRID what asking "grid" did; outside of POLYGONS, GeoJSON,
 * all is cut away. Gives a handle; answers {warnings, windows, blocks}. */
int32_t fair_prediction_open(const char* request, uint32_t size);
/* Up to `most` blocks to fetch next; gives their number and answers (column, row) pairs of i32. */
int32_t fair_prediction_next_blocks(int32_t prediction, uint32_t most);
/* A block asked for. Pixels are interleaved bytes with 3 channels, or 4 of which the last is alpha (below 128: no data); null: nothing there. */
int32_t fair_prediction_give_block(int32_t prediction, int32_t column, int32_t row, const uint8_t* pixels, int32_t width, int32_t height,
                                   int32_t channels);
/* 1 and a batch to run, or 0 when there is none now. Answers u32: id, windows of imagery, address of its f32 values, rank, shape[8]. The values
 * stay until the batch's outputs are given. */
int32_t fair_prediction_next_batch(int32_t prediction);
/* Outputs of a batch, in the model's order: for each, u32: address, dtype (as ONNX numbers it), rank, shape[8]. Read before the call returns. */
int32_t fair_prediction_give_outputs(int32_t prediction, uint32_t batch, const uint32_t* tensors, uint32_t count);
/* Features finished since the last call; gives their number and answers them as GeoJSON features with ",\n" between. */
int32_t fair_prediction_take(int32_t prediction);
/* 1 when all is done, else 0. Answers f64: blocks given, blocks in all, windows done, windows in all. */
int32_t fair_prediction_progress(int32_t prediction);
int32_t fair_prediction_close(int32_t prediction);

/* A mask of class values, row by row, becomes features at once: {"grid": GRID, "params": {…}, "classes": […], "output_name"}. Gives their number,
 * answers as fair_prediction_take. */
int32_t fair_vectorize(const char* request, uint32_t size, const uint8_t* mask, int32_t width, int32_t height);

/* A mask's polygons as they are, nothing simplified, in the grid's map units: {"grid": GRID, "connectivity": 4 or 8}. Gives their number; answers,
 * one behind the other: two u32, how many ring and how many polygon offsets there are; f64 x and y of all points; u32 ring offsets, in points, and
 * u32 polygon offsets, in rings, each with its end; u8 class values. */
int32_t fair_polygons(const char* request, uint32_t size, const uint8_t* mask, int32_t width, int32_t height);

#ifdef __cplusplus
}
#endif

#endif
