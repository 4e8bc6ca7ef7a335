// What a page may ask core without a handle. JSON in, JSON out.
//
// | ask             | takes                                            | answers |
// |-----------------|--------------------------------------------------|---------|
// | versions        |                                                  | {version, exports, abi, platform} |
// | validate        | document                                         | {findings: [{severity, pointer, rule, found, hint}], kind} |
// | compatibility   | model, dataset                                   | {compatible, reasons: [{verdict, rule, text, hint}]} |
// | parameters      | item                                             | {parameters: [{key, type, group, value, min, max, values, description}]} |
// | model           | item                                             | {model: SPEC, href, checksum, size, classes, output_name, geometry, title,
// attribution} | | metadata        | metadata (text of the file's fair.item), thing   | the same, without an href | | fit             | model: SPEC,
// input: {name, shape}, output        | {model: SPEC} with what the graph fixes filled in | | params          | model: SPEC, values | {params}
// checked and complete; errors name the key | | plugin          | model: SPEC                                      | {name} of the plugin that runs
// it | | plugins         |                                                  | {plugins: [{name, version, …}]} | | grid            | bbox, zoom,
// tile_size, most_tiles                | {grid: GRID, tiles, bounds} | | raster_grid     | crs (EPSG:4326 or EPSG:3857), transform[6], width, height,
// block | {grid: GRID} | | children        | document, base (its address)                     | {links: [{rel, href, title}]} absolute |
#pragma once

#include "core/base/error.h"
#include "core/base/json.h"

namespace fair::web {

/// Errors name the question's member.
[[nodiscard]] Result<Json> answer(const Json& question);

}  // namespace fair::web
