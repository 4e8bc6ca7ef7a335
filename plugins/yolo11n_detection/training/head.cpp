#include "plugins/yolo11n_detection/training/head.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fair::yolo11n_detection {
namespace {

using onnx::Builder;
using onnx::ConvShape;
using onnx::integer_attribute;

constexpr std::int64_t bins = 16;          ///< of each side's distribution
constexpr std::int64_t most_cells = 1024;  ///< along an axis: inputs up to 8192 pixels
constexpr double usual_side = 640;         ///< pixels of the image that the starting bias of the classes is meant for
constexpr double things_an_image = 5;      ///< expected in it

ConvShape one_by_one(std::int64_t in, std::int64_t out) {
  ConvShape shape;
  shape.in = in, shape.out = out, shape.kernel = 1, shape.bias = true;
  return shape;
}

/// Places of one level's anchors in cells and their stride: [1, 3, cells] of x, y, stride.
std::string anchors(Builder& b, Blocks& blocks, const std::string& path, const std::string& feature, float stride) {
  std::vector<float> centres(static_cast<std::size_t>(most_cells));
  for (std::size_t i = 0; i < centres.size(); ++i) centres[i] = static_cast<float>(i) + 0.5F;
  const auto across = b.constant("cell_centres_across", {1, 1, 1, most_cells}, centres);
  const auto down = b.constant("cell_centres_down", {1, 1, most_cells, 1}, centres);
  const auto zero = b.list("index_0", {0}), two = b.list("index_2", {2}), three = b.list("index_3", {3}), four = b.list("index_4", {4}),
             ones = b.list("one_one", {1, 1});
  const auto shape = blocks.shape_of(path + ".shape", feature);
  const auto height = blocks.op(path + ".height", "Slice", {shape, two, three, zero});
  const auto width = blocks.op(path + ".width", "Slice", {shape, three, four, zero});
  const auto grid = blocks.op(path + ".grid", "Concat", {ones, height, width}, {integer_attribute("axis", 0)});
  const auto x = blocks.op(path + ".x", "Expand", {blocks.op(path + ".columns", "Slice", {across, zero, width, three}), grid});
  const auto y = blocks.op(path + ".y", "Expand", {blocks.op(path + ".rows", "Slice", {down, zero, height, two}), grid});
  const auto size = b.constant("stride_" + std::to_string(static_cast<int>(stride)), {1, 1, 1, 1}, std::vector<float>{stride});
  const auto s = blocks.op(path + ".stride", "Expand", {size, grid});
  return blocks.reshape(path, b.concat(path + ".map", {x, y, s}), b.list("anchors_flat", {1, 3, -1}));
}

std::string joined(Blocks& blocks, const std::string& name, const std::vector<std::string>& levels) {
  return blocks.op(name, "Concat", levels, {integer_attribute("axis", 2)});
}

}  // namespace

std::string detect(Builder& b, Blocks& blocks, const std::string& path, const std::array<Feature, 3>& levels, std::int64_t classes,
                   std::int64_t narrowest) {
  const std::int64_t box_width = std::max<std::int64_t>({16, levels[0].channels / 4, narrowest});
  const std::int64_t class_width = std::max(levels[0].channels, std::min<std::int64_t>(classes, 100));
  std::vector<std::string> boxes, scores, places;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const Feature& x = levels[i];
    const std::string level = std::to_string(i);
    const double stride = 8.0 * static_cast<double>(1U << i);
    const std::string box = path + ".cv2." + level, cls = path + ".cv3." + level;
    const Feature b1 = blocks.unit(box + ".0", x, box_width, {3, 1, 1, true});
    const Feature b2 = blocks.unit(box + ".1", b1, box_width, {3, 1, 1, true});
    const auto sides = b.conv(box + ".2", b2.value, one_by_one(box_width, 4 * bins), std::sqrt(1.0 / 6.0), 1.0F);
    const Feature c1 = blocks.unit(cls + ".0.1", blocks.unit(cls + ".0.0", x, x.channels, {3, 1, x.channels, true}), class_width, {});
    const Feature c2 = blocks.unit(cls + ".1.1", blocks.unit(cls + ".1.0", c1, class_width, {3, 1, class_width, true}), class_width, {});
    // So that at the start every class is as rare as it is: a sum over all anchors of about the things an image has.
    const double cells = (usual_side / stride) * (usual_side / stride);
    const auto rare = static_cast<float>(std::log(things_an_image / static_cast<double>(classes) / cells));
    const auto logits = b.conv(cls + ".2", c2.value, one_by_one(class_width, classes), std::sqrt(1.0 / 6.0), rare);
    boxes.push_back(blocks.reshape(box + ".flat", sides, b.list("boxes_flat", {0, 4 * bins, -1})));
    scores.push_back(blocks.reshape(cls + ".flat", logits, b.list("classes_flat", {0, classes, -1})));
    places.push_back(anchors(b, blocks, path + ".anchors." + level, sides, static_cast<float>(stride)));
  }
  const auto distributions = blocks.reshape(path + ".dfl.bins", joined(blocks, path + ".boxes", boxes), b.list("boxes_by_bin", {0, 4, bins, -1}));
  const auto turned = blocks.op(path + ".dfl.turned", "Transpose", {distributions}, {onnx::integers_attribute("perm", {0, 2, 1, 3})});
  const auto shares = blocks.op(path + ".dfl.softmax", "Softmax", {turned}, {integer_attribute("axis", 1)});
  // The mean of a distribution is a convolution with the numbers of its bins; the published weights hold them as a tensor.
  std::vector<float> numbers(static_cast<std::size_t>(bins));
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
  const auto means = blocks.op(path + ".dfl.conv", "Conv", {shares, b.constant(path + ".dfl.conv.weight", {1, bins, 1, 1}, numbers)},
                               {onnx::integers_attribute("kernel_shape", {1, 1})});
  const auto sides = blocks.split(path + ".sides", blocks.reshape(path + ".dfl.means", means, b.list("sides_flat", {0, 4, -1})), {2, 2}, 1);
  const auto place = blocks.split(path + ".place", joined(blocks, path + ".anchors", places), {2, 1}, 1);

  const auto from = blocks.op(path + ".from", "Sub", {place[0], sides[0]});
  const auto to = blocks.op(path + ".to", "Add", {place[0], sides[1]});
  const auto half = b.constant("one_half", {}, std::vector<float>{0.5F});
  const auto centre = blocks.op(path + ".centre", "Mul", {blocks.op(path + ".from_and_to", "Add", {from, to}), half});
  const auto extent = blocks.op(path + ".extent", "Sub", {to, from});
  const auto pixels = blocks.op(path + ".pixels", "Mul", {b.concat(path + ".centre_and_extent", {centre, extent}), place[1]});
  const auto probabilities = blocks.op(path + ".probabilities", "Sigmoid", {joined(blocks, path + ".scores", scores)});
  return b.concat(path + ".detections", {pixels, probabilities});
}

}  // namespace fair::yolo11n_detection
