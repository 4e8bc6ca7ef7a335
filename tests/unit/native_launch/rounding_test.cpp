// What rounding makes of a graph, and what it does not.
#include "native/launch/rounding.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <stdexcept>

#include "native/launch/graph_engine.h"
#include "native/onnx/builder.h"
#include "native/onnx/write.h"

namespace fair::launch {
namespace {

/// A convolution, whose sums `factor` makes large before a sine takes them.
onnx::Model scores(float factor) {
  onnx::Builder b("scores", 17, 3);
  auto y = b.conv("first", b.input("image", {{1, ""}, {3, ""}, {16, ""}, {16, ""}}), onnx::ConvShape{3, 8, 3, 1, true}, factor);
  onnx::Node sine;
  sine.name = "sine";
  sine.op = "Sin";
  sine.inputs = {y};
  b.output(b.node(std::move(sine)), {{1, ""}, {8, ""}, {16, ""}, {16, ""}});
  return std::move(b).build("1.0");
}

double moved(const onnx::Model& model) {
  const auto file = std::filesystem::temp_directory_path() / ("fair_rounding_test_" + std::to_string(::getpid()) + ".onnx");
  if (!onnx::write_model(file, model)) throw std::runtime_error("no file");
  const auto input = random_input(model, 16, 1);
  const auto outputs = run_on_runtime(file, *input);
  std::filesystem::remove(file);
  if (!outputs) throw std::runtime_error(outputs.error().message());
  const auto found = moved_by_rounding(model, *input, *outputs);
  if (!found) throw std::runtime_error(found.error().message());
  return found->at(0);
}

TEST(Rounding, MovesWeightsByAFewOfTheirLastDigitsAndVectorsNotAtAll) {
  const auto model = scores(1);
  const auto other = moved_by_rounding(model, 1);
  double most = 0;
  for (std::size_t k = 0; k < model.graph.initializers.size(); ++k) {
    const auto& a = model.graph.initializers[k];
    const auto& b = other.graph.initializers[k];
    if (a.dims.size() < 2) {
      EXPECT_EQ(a.raw, b.raw) << a.name;
      continue;
    }
    for (std::int64_t i = 0; i < a.elements(); ++i) most = std::max<double>(most, std::abs(b.f32()[i] / a.f32()[i] - 1.0));
  }
  // 27 products a sum; half a digit more, as the moved weight is itself rounded.
  EXPECT_GT(most, 0x1p-24);
  EXPECT_LE(most, 0x1p-24 * (std::sqrt(27.0) + 1.0));
}

TEST(Rounding, GrowsWithTheSizeOfWhatIsAddedUp) {
  const double plain = moved(scores(1));
  const double steep = moved(scores(1000));
  EXPECT_GT(plain, 0);
  EXPECT_LT(plain, 1e-5);
  EXPECT_GT(steep, 100 * plain);
}

}  // namespace
}  // namespace fair::launch
