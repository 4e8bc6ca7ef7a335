// What moves, measures, picks and pads.
#include <limits>

#include "tests/unit/native_train/operator_case.h"

namespace fair::test {
namespace {

using C = OperatorCase;
const std::vector<std::int64_t> planes{2, 3, 4, 5};
constexpr auto far = std::numeric_limits<std::int64_t>::max();

void add_shapes(std::vector<C>& all) {
  all.insert(all.end(), {
                            C{"Identity", 13, planes},
                            C{"Dropout", 13, planes}.giving(2),
                            C{"Dropout", 11, planes, {}, {factor("ratio", 0.3F)}},
                            C{"Concat", 13, planes, {random({2, 1, 4, 5}), random({2, 2, 4, 5})}, {number("axis", 1)}}.at(1),
                            C{"Concat", 13, planes, {random(planes)}, {number("axis", -1)}},
                            C{"Reshape", 13, planes, {whole({0, -1, 10})}},
                            C{"Reshape", 14, planes, {whole({6, 20})}, {number("allowzero", 1)}},
                            C{"Flatten", 13, planes},
                            C{"Flatten", 13, planes, {}, {number("axis", 0)}},
                            C{"Flatten", 13, planes, {}, {number("axis", -1)}},
                            C{"Flatten", 13, planes, {}, {number("axis", 4)}},
                            C{"Transpose", 13, planes},
                            C{"Transpose", 13, planes, {}, {list("perm", {0, 2, 3, 1})}},
                            C{"Squeeze", 11, {1, 3, 1, 2}, {}, {list("axes", {0, -2})}},
                            C{"Squeeze", 13, {1, 3, 1, 2}},
                            C{"Squeeze", 13, {1, 3, 1, 2}, {whole({2})}},
                            C{"Unsqueeze", 11, {3, 2}, {}, {list("axes", {0, 3})}},
                            C{"Unsqueeze", 13, {3, 2}, {whole({-1, 1})}},
                            C{"Slice", 9, planes, {}, {list("starts", {1, 0}), list("ends", {3, -1}), list("axes", {2, 3})}},
                            C{"Slice", 11, planes, {whole({1, 1}), whole({3, far}), whole({2, -1})}},
                            C{"Slice", 13, planes, {whole({0, 0, 0, 4}), whole({2, 3, 4, -far}), none(), whole({1, 2, 3, -1})}},
                            C{"Slice", 13, planes, {whole({-1}), whole({std::numeric_limits<std::int64_t>::min()}), whole({3}), whole({-2})}},
                            C{"Slice", 13, planes, {whole({-3}), whole({-1}), whole({3})}},
                            C{"Slice", 13, planes, {whole({3}), whole({1}), whole({3}), whole({-1})}},
                            C{"Slice", 13, planes, {whole({9}), whole({-9}), whole({2}), whole({-3})}},
                            C{"Split", 11, planes, {}, {number("axis", 3), list("split", {2, 3})}}.giving(2),
                            C{"Split", 13, planes, {whole({1, 2})}, {number("axis", 1)}}.giving(2),
                            C{"Split", 13, planes, {}, {number("axis", -2)}}.giving(2),
                            C{"Split", 18, planes, {}, {number("axis", 3), number("num_outputs", 2)}}.giving(2),
                            C{"Expand", 13, {3, 1}, {whole({2, 1, 4})}},
                            C{"Expand", 13, {2, 3, 4}, {whole({1, 4})}},
                            C{"Tile", 13, {2, 3}, {whole({2, 3})}},
                            C{"DepthToSpace", 13, {1, 8, 2, 3}, {}, {number("blocksize", 2)}},
                            C{"DepthToSpace", 13, {2, 9, 2, 3}, {}, {number("blocksize", 3), word("mode", "CRD")}},
                            C{"SpaceToDepth", 13, {2, 3, 4, 6}, {}, {number("blocksize", 2)}},
                            C{"Shape", 13, planes}.flat(),
                            C{"Shape", 15, planes, {}, {number("start", 1), number("end", -1)}}.flat(),
                            C{"Size", 13, planes}.flat(),
                            C{"Cast", 13, {20}, {}, {number("to", 7)}}.flat(),
                            C{"Cast", 13, {20}, {}, {number("to", 9)}}.whole(-1, 2, onnx::ElementType::i32),
                            C{"CastLike", 15, {20}, {whole({1})}}.flat(),
                            C{"ConstantOfShape", 11, {3}}.whole(2, 4),
                            C{"Range", 11, {}, {whole_number(0), whole_number(3)}}.at(1).whole(9, 14),
                            C{"Range", 11, {}, {whole_number(-7), whole_number(-2)}}.whole(4, 9),
                            C{"Range", 11, {}, {real(9.1F), real(0.7F)}}.flat(),
                            C{"EyeLike", 11, {3, 4}, {}, {number("k", 1)}}.flat(),
                            C{"Trilu", 14, {2, 4, 5}},
                            C{"Trilu", 14, {2, 4, 5}, {whole_number(1)}, {number("upper", 0)}},
                            C{"Trilu", 14, {4, 4}, {whole_number(-1)}},
                        });
}

void add_pads(std::vector<C>& all) {
  all.push_back(C{"Pad", 10, planes, {}, {list("pads", {0, 0, 1, 2, 0, 0, 3, 0}), factor("value", 0.5F)}});
  for (const auto* mode : {"constant", "reflect", "edge", "wrap"}) {
    const std::int64_t opset = std::string(mode) == "wrap" ? 19 : 13;
    const auto how = word("mode", mode);
    all.push_back(C{"Pad", opset, planes, {whole({0, 0, 1, 2, 0, 0, 3, 0})}, {how}});
    all.push_back(C{"Pad", opset, planes, {whole({1, 2, 1, 2, 0, 1, 3, 0})}, {how}});
    all.push_back(C{"Pad", opset, {4, 5}, {whole({2, 1, 1, 3})}, {how}});
    all.push_back(C{"Pad", opset, {4, 5}, {whole({-1, 1, 2, -1})}, {how}});
    all.push_back(C{"Pad", 19, planes, {whole({1, 2, 2, 0}), none(), whole({-1, 1})}, {how}});
  }
  all.push_back(C{"Pad", 13, {3, 4}, {whole({1, 1, 0, 2}), real(-3.5F)}});
}

void add_indices(std::vector<C>& all) {
  const auto table = whole_at({2, 2}, {0, -1, 2, 1});
  all.insert(all.end(), {
                            C{"Gather", 13, planes, {table}, {number("axis", 1)}},
                            C{"Gather", 13, planes, {whole_number(-2)}, {number("axis", -1)}},
                            C{"Gather", 11, {5, 3}, {table}},
                            C{"Gather", 13, {2, 3}, {random({5, 2})}}.at(1).whole(-5, 5),
                            C{"GatherElements", 13, {3, 4}, {whole_at({2, 4}, {0, -1, 2, 1, 1, 1, 0, -3})}},
                            C{"GatherElements", 13, {3, 4}, {whole_at({3, 2}, {0, -1, 2, 1, 3, -4})}, {number("axis", 1)}},
                            C{"GatherND", 13, planes, {whole_at({3, 2}, {0, 1, 1, 2, -1, 0})}},
                            C{"GatherND", 13, planes, {whole_at({2, 2, 2}, {0, 1, 2, 3, 1, 1, 0, 0})}, {number("batch_dims", 1)}},
                            C{"GatherND", 12, {2, 3, 4}, {whole_at({2, 3}, {0, 1, 3, 1, 2, 0})}},
                            C{"ScatterElements", 11, {3, 4}, {whole_at({2, 4}, {0, -1, 2, 1, 1, 2, 0, -3}), random({2, 4})}},
                            C{"ScatterElements", 13, {3, 4}, {whole_at({3, 2}, {0, -1, 2, 1, 3, -3}), random({3, 2})}, {number("axis", 1)}},
                            C{"ScatterElements", 13, {3, 2}, {random({3, 4}), whole_at({3, 2}, {0, -1, 2, 1, 3, -3})}, {number("axis", 1)}}.at(2),
                            C{"Scatter", 9, {3, 4}, {whole_at({2, 4}, {0, 1, 2, 1, 1, 2, 0, 0}), random({2, 4})}},
                            C{"ScatterND", 11, planes, {whole_at({2, 2}, {0, 1, 1, 2}), random({2, 4, 5})}},
                            C{"ScatterND", 13, {2, 4}, {random({5, 4}), whole_at({2, 1}, {3, -1})}}.at(2),
                            C{"NonZero", 13, {4, 5}}.whole(0, 2),
                            C{"OneHot", 11, {2, 3}, {whole_number(4), reals({0.5F, 2})}}.whole(-4, 6),
                            C{"OneHot", 11, {2, 3}, {whole_number(4), reals({0, 1})}, {number("axis", 1)}}.whole(0, 4),
                            C{"Compress", 11, {3, 4}, {truths({3}, {true, false, true})}, {number("axis", 0)}},
                            C{"Compress", 11, {3, 2}, {truths({5}, {true, false, true, true, false})}},
                            C{"ReverseSequence", 10, {4, 3, 2}, {whole({1, 3, 4})}},
                            C{"ReverseSequence", 10, {3, 4, 2}, {whole({1, 3, 4})}, {number("batch_axis", 0), number("time_axis", 1)}},
                        });
  for (const auto* how : {"add", "mul", "max", "min"}) {
    const std::int64_t opset = std::string(how) == "add" || std::string(how) == "mul" ? 16 : 18;
    all.push_back(C{"ScatterElements", opset, {3, 4}, {whole_at({2, 4}, {0, -1, 2, 1, 0, 2, 2, -3}), random({2, 4})}, {word("reduction", how)}});
    all.push_back(C{"ScatterND", opset, planes, {whole_at({3, 2}, {0, 1, 1, 2, 0, 1}), random({3, 4, 5})}, {word("reduction", how)}});
    all.push_back(C{"ScatterND", opset, {3}, {random({4}), whole_at({3, 1}, {1, 3, 1})}, {word("reduction", how)}}.at(2));
  }
}

}  // namespace

std::vector<OperatorCase> shape_cases() {
  std::vector<C> all;
  add_shapes(all);
  add_pads(all);
  add_indices(all);
  return all;
}

}  // namespace fair::test
