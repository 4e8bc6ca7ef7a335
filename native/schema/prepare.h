// Schemas made ready for the validator: the same verdicts, told better, and clear of what the library gets wrong.
#pragma once

#include "core/base/json.h"

namespace fair::schema {

/// Rewrites a draft-07 schema:
/// - `format` goes: STAC's validators take it as an annotation, the library asserts it;
/// - `patternProperties` moves, with the `additionalProperties` beside it, into an allOf of its own: the library files the schemas of patterns under
/// the
///   address of the schema around them, so that a $ref to that one would find a pattern's instead (seen in 1.3);
/// - `additionalProperties` that is a schema becomes a pattern: the library reports only that a member was wrong, not what was.
/// Addresses of all other subschemas stay as they were.
void prepare(Json& schema);

}  // namespace fair::schema
