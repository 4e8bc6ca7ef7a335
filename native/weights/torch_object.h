// Calls in a pickle whose result is known without making them: tensors, parameters, ordered dicts.
#pragma once

#include <optional>

#include "native/onnx/graph.h"
#include "native/weights/cursor.h"
#include "native/weights/value.h"

namespace fair::weights {

/// The result of calling global `callable` with the tuple `arguments`, or nothing where it stays an object. `in` tells where, for errors:
/// a tensor with arguments that none has. Throws Refused.
[[nodiscard]] std::optional<Ref> known_result(Pickled& pickle, Ref callable, Ref arguments, const Cursor& in);

/// The storage that torch.save's persistent id ("storage", class, key, device, elements[, view]) stands for. Throws Refused.
[[nodiscard]] Ref storage_of(Pickled& pickle, Ref id, const Cursor& in);

/// The element type that a storage class (HalfStorage) or a dtype (torch.bfloat16) names; undefined for what is none or is not computed with here.
[[nodiscard]] onnx::ElementType element_type(const Value& global);

}  // namespace fair::weights
