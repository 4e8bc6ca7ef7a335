// Schemas made ready for the validator: the same verdicts, told better, and clear of what the library gets wrong.
#pragma once

#include <string_view>

#include "core/base/json.h"

namespace fair::schema {

/// What a schema is prepared for.
enum class Purpose {
  verdict,  ///< right or wrong, as fast as can be
  report,   ///< every fault, told where it is
};

/// Rewrites a draft-07 schema; verdicts stay those of the schema as written, and so do the addresses of all other subschemas.
/// - `format` goes: STAC's validators take it as an annotation, the library asserts it.
/// - `patternProperties` moves, with the `additionalProperties` beside it, into an allOf of its own: the library files the schemas of patterns under
/// the
///   address of the schema around them, so that a $ref to that one would find a pattern's instead (seen in 1.3). Where only names are restricted, it
///   becomes a pattern for names.
/// - For reports, `additionalProperties` that is a schema becomes a pattern: the library reports only that a member was wrong, not what was.
/// - For verdicts on documents of `type`, alternatives at the schema's root that are about another type become false.
void prepare(Json& schema, Purpose purpose, std::string_view type);

}  // namespace fair::schema
