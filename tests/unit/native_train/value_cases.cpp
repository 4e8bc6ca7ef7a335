// Activations, arithmetic, logic, products, reductions.
#include "tests/unit/native_train/operator_case.h"

namespace fair::test {
namespace {

using C = OperatorCase;
const std::vector<std::int64_t> planes{2, 3, 4, 5};

void add_activations(std::vector<C>& all) {
  for (const std::int64_t opset : {11, 18}) {
    for (const auto* op : {"Relu",   "LeakyRelu", "Elu",  "Selu", "Softplus", "Softsign", "HardSigmoid", "Sigmoid", "Tanh", "ThresholdedRelu",
                           "Shrink", "Erf",       "Exp",  "Abs",  "Neg",      "Floor",    "Ceil",        "Round",   "Sign", "Sin",
                           "Cos",    "Tan",       "Atan", "Sinh", "Cosh",     "Asinh"})
      all.push_back(C{op, opset, planes}.within(-1.4F, 1.4F));
    for (const auto* op : {"Sqrt", "Log", "Reciprocal"}) all.push_back(C{op, opset, planes}.within(0.1F, 4));
    for (const auto* op : {"Asin", "Acos", "Atanh"}) all.push_back(C{op, opset, planes}.within(-0.9F, 0.9F));
    all.push_back(C{"Acosh", opset, planes}.within(1.1F, 4));
  }
  all.insert(all.end(), {
                            C{"LeakyRelu", 16, planes, {}, {factor("alpha", 0.2F)}},
                            C{"Elu", 11, planes, {}, {factor("alpha", 1.7F)}},
                            C{"Selu", 11, planes, {}, {factor("alpha", 1.2F), factor("gamma", 2.0F)}},
                            C{"Celu", 12, planes},
                            C{"Celu", 12, planes, {}, {factor("alpha", 2.0F)}},
                            C{"HardSigmoid", 11, planes, {}, {factor("alpha", 0.3F), factor("beta", 0.4F)}},
                            C{"HardSwish", 14, planes}.within(-4, 4),
                            C{"Mish", 18, planes},
                            C{"Gelu", 20, planes},
                            C{"Gelu", 20, planes, {}, {word("approximate", "tanh")}},
                            C{"ThresholdedRelu", 11, planes, {}, {factor("alpha", 0.3F)}},
                            C{"Shrink", 11, planes, {}, {factor("lambd", 0.7F), factor("bias", 0.2F)}},
                            C{"PRelu", 11, planes, {random({3, 1, 1})}},
                            C{"PRelu", 16, planes, {random({1})}},
                            C{"PRelu", 16, planes, {random({3, 4, 5})}},
                            C{"Clip", 11, planes, {real(-0.5F), real(0.7F)}},
                            C{"Clip", 13, planes, {none(), real(0.7F)}},
                            C{"Clip", 13, planes, {real(-0.5F)}},
                            C{"Clip", 13, planes},
                            C{"Clip", 6, planes, {}, {factor("min", -0.5F), factor("max", 0.5F)}},
                        });
  for (const auto* op : {"Softmax", "LogSoftmax", "Hardmax"}) {
    for (const std::int64_t opset : {11, 13}) {
      const bool smooth = std::string(op) != "Hardmax";
      for (const std::int64_t axis : {-1, 0, 1, 2}) {
        const C c{op, opset, planes, {}, {number("axis", axis)}};
        all.push_back(smooth ? c : c.flat());
      }
      all.push_back(smooth ? C{op, opset, planes} : C{op, opset, planes}.flat());
    }
  }
}

void add_arithmetic(std::vector<C>& all) {
  for (const auto* op : {"Add", "Sub", "Mul", "Div"}) {
    for (const auto& other : {random(planes), random({3, 1, 1}), random({1}), real(0.7F), random({7, 2, 3, 4, 5})}) {
      all.push_back(C{op, 14, planes, {other}});
      all.push_back(C{op, 14, planes, {other}}.at(1).within(0.5F, 2));
    }
    all.push_back(C{op, 14, {4}, {whole({3, -2, 5, 7})}}.whole(-9, 9));
  }
  for (const auto& exponent : {real(2), real(0.5F), reals({3}), random({5}), real(-1)})
    all.push_back(C{"Pow", 13, planes, {exponent}}.within(0.2F, 3));
  all.push_back(C{"Pow", 15, planes, {real(3)}});
  all.push_back(C{"Pow", 15, planes, {whole_number(2)}});
  all.push_back(C{"Pow", 15, {4}, {real(1.3F)}}.at(1));
  all.push_back(C{"Pow", 15, {4}, {whole_number(2)}}.whole(-4, 4));
  all.push_back(C{"Mod", 13, {6}, {whole({3, -3, 4, -4, 5, 2})}}.whole(-9, 9));
  all.push_back(C{"Mod", 13, {6}, {whole({3, -3, 4, -4, 5, 2})}, {number("fmod", 1)}}.whole(-9, 9));
  all.push_back(C{"Mod", 13, {6}, {reals({0.3F, -0.7F, 1.1F, -0.4F, 0.9F, 2})}, {number("fmod", 1)}});
  for (const auto* op : {"Sum", "Mean", "Max", "Min"}) {
    all.push_back(C{op, 13, planes});
    all.push_back(C{op, 13, planes, {random(planes), random({5})}});
    all.push_back(C{op, 13, planes, {random({4, 5}), real(0.1F)}}.at(1));
  }
  all.push_back(C{"Max", 13, {4}, {whole({3, -2, 5, 7})}}.whole(-9, 9));
}

void add_logic(std::vector<C>& all) {
  using onnx::ElementType;
  const auto six = whole({1, 2, 3, 1, 2, 3});
  for (const auto* op : {"Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"}) {
    all.push_back(C{op, 13, {6}, {six}}.whole(0, 4));
    all.push_back(C{op, 16, {2, 3, 4}, {random({3, 1})}}.flat());
  }
  for (const auto* op : {"And", "Or", "Xor"}) all.push_back(C{op, 13, {4, 2}, {truths({2}, {true, false})}}.whole(0, 2, ElementType::boolean));
  for (const auto* op : {"BitwiseAnd", "BitwiseOr", "BitwiseXor"}) all.push_back(C{op, 18, {6}, {six}}.whole(0, 16));
  all.push_back(C{"BitwiseNot", 18, {6}}.whole(0, 16));
  all.push_back(C{"Not", 13, {6}}.whole(0, 2, ElementType::boolean));
  all.push_back(C{"IsNaN", 13, {6}}.flat());
  all.push_back(C{"IsInf", 13, {6}}.flat());
  all.push_back(C{"IsInf", 13, {6}, {}, {number("detect_negative", 0)}}.flat());
  all.push_back(C{"Where", 13, {2, 3}, {truths({3}, {true, false, true}), random({1})}}.at(1));
  all.push_back(C{"Where", 16, {2, 3}, {truths({2, 1}, {true, false}), random({4, 2, 3})}}.at(2));
}

void add_products(std::vector<C>& all) {
  all.insert(all.end(), {
                            C{"MatMul", 13, {2, 3, 4}, {random({4, 5})}},
                            C{"MatMul", 13, {4}, {random({4, 5})}},
                            C{"MatMul", 13, {3, 4}, {random({4})}},
                            C{"MatMul", 13, {2, 1, 3, 4}, {random({5, 4, 2})}},
                            C{"MatMul", 13, {4, 5}, {random({2, 3, 4})}}.at(1),
                            C{"Gemm", 11, {3, 4}, {random({4, 5})}},
                            C{"Gemm", 13, {3, 4}, {random({4, 5}), random({5})}},
                            C{"Gemm",
                              13,
                              {4, 3},
                              {random({5, 4}), random({3, 1})},
                              {number("transA", 1), number("transB", 1), factor("alpha", 0.5F), factor("beta", 2.0F)}},
                            C{"Gemm", 13, {3, 4}, {random({4, 5}), real(0.3F)}, {factor("alpha", 0.5F)}},
                            C{"Einsum", 12, {2, 3, 4}, {random({2, 4, 5})}, {word("equation", "bij,bjk->bik")}},
                            C{"Einsum", 12, {2, 3, 4}, {random({5, 4})}, {word("equation", "...j, kj -> ...k")}},
                            C{"Einsum", 12, {2, 3, 4}, {}, {word("equation", "abc->cab")}},
                            C{"Einsum", 12, {3, 3}, {}, {word("equation", "ii->i")}},
                            C{"Einsum", 12, {3, 4}, {random({4, 3})}, {word("equation", "ij,ji")}},
                            C{"Einsum", 12, {2, 4, 3, 5}, {random({2, 4, 3, 6})}, {word("equation", "bnmd,bnme->bnde")}},
                            C{"Det", 11, {2, 3, 3}},
                        });
}

void add_reductions(std::vector<C>& all) {
  for (const auto* op : {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum",
                         "ReduceLogSumExp"}) {
    // ReduceSum took its axes as an input from 13 on, the others from 18 on.
    const auto reduced = [&](std::vector<onnx::Attribute> attributes, std::vector<Given> others, std::int64_t opset) {
      all.push_back(C{op, opset, planes, std::move(others), std::move(attributes)}.within(0.2F, 1.5F));
    };
    reduced({list("axes", {1})}, {}, 11);
    reduced({list("axes", {2, -1}), number("keepdims", 0)}, {}, 11);
    reduced({number("keepdims", 0)}, {}, 11);
    reduced({}, {}, 11);
    reduced({number("keepdims", 0)}, {whole({-3, 3})}, 18);
    reduced({}, {whole({0})}, 18);
    reduced({}, {}, 18);
    reduced({number("noop_with_empty_axes", 1)}, {whole(std::vector<std::int64_t>{})}, 18);
  }
  for (const auto* op : {"ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd"}) all.push_back(C{op, 18, {3, 4}, {whole({1})}}.whole(-4, 4));
  for (const auto* op : {"ArgMax", "ArgMin"}) {
    all.push_back(C{op, 13, planes}.flat());
    all.push_back(C{op, 13, planes, {}, {number("axis", -1), number("keepdims", 0)}}.flat());
    all.push_back(C{op, 13, {40}, {}, {number("axis", 0), number("select_last_index", 1)}}.whole(0, 4, onnx::ElementType::i32));
    all.push_back(C{op, 13, {40}, {}, {number("axis", 0)}}.whole(0, 4, onnx::ElementType::i32));
  }
  all.push_back(C{"TopK", 11, planes, {whole({2})}}.giving(2));
  all.push_back(C{"TopK", 11, planes, {whole({3})}, {number("axis", 1), number("largest", 0)}}.giving(2));
  all.push_back(C{"TopK", 11, {30}, {whole({12})}}.giving(2).whole(0, 5));
  all.push_back(C{"CumSum", 11, planes, {whole_number(2)}});
  all.push_back(C{"CumSum", 14, planes, {whole_number(-1)}, {number("exclusive", 1)}});
  all.push_back(C{"CumSum", 14, planes, {whole_number(1)}, {number("reverse", 1)}});
  all.push_back(C{"CumSum", 14, planes, {whole_number(1)}, {number("reverse", 1), number("exclusive", 1)}});
}

}  // namespace

std::vector<OperatorCase> value_cases() {
  std::vector<C> all;
  add_activations(all);
  add_arithmetic(all);
  add_logic(all);
  add_products(all);
  add_reductions(all);
  return all;
}

}  // namespace fair::test
