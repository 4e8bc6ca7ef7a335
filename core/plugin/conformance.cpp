#include "core/plugin/conformance.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "core/base/field.h"
#include "core/plugin/plugin_config.h"

namespace fair::plugin {
namespace {

constexpr float unwritten = -12345.5F;

/// Values that look like noise and are the same everywhere.
std::uint32_t noise(std::uint32_t at) {
  std::uint32_t h = at * 2654435761U;
  h ^= h >> 15U;
  h *= 2246822519U;
  return h ^ (h >> 13U);
}

class Suite {
 public:
  Suite(const LoadedPlugin& plugin, const stac::ModelSpec& spec) : plugin_(plugin), spec_(spec) {}

  Conformance run() {
    description();
    nonsense();
    const auto first = plugin_.create(plugin_config(spec_));
    expect(first.has_value(), "it refuses a model it is for: " + (first ? "" : first.error().message()));
    if (!first) return std::move(out_);
    preprocess(**first);
    // A second instance must not see the first one's.
    const auto second = plugin_.create(plugin_config(spec_));
    expect(second.has_value(), "it makes no second instance");
    if (second) postprocess(**second);
    return std::move(out_);
  }

 private:
  void expect(bool holds, const std::string& fault) {
    ++out_.checks;
    if (!holds) out_.faults.push_back(fault);
  }

  void description() {
    const Json& d = plugin_.description();
    const Json& tasks = member(d, "tasks");
    expect(tasks.is_array() && !tasks.empty(), "describe() lists no tasks");
    if (tasks.is_array()) {
      for (const Json& task : tasks) {
        expect(task.is_string() && stac::task_from(task.get<std::string>()).has_value(), "describe() lists a task no item has: " + task.dump());
      }
    }
    const Json& kind = member(d, "result_kind");
    expect(kind == "scores" || kind == "boxes" || kind == "label", "describe() must say result_kind scores, boxes or label, and says " + kind.dump());
    const Json& tiling = member(d, "tiling");
    const Json &window = member(tiling, "window"), &overlap = member(tiling, "overlap");
    expect(window.is_number_integer() && window.get<int>() > 0, "describe() must say tiling.window in pixels, and says " + window.dump());
    expect(overlap.is_null() ||
               (overlap.is_number_integer() && overlap.get<int>() >= 0 && window.is_number_integer() && 2 * overlap.get<int>() < window.get<int>()),
           "describe()'s tiling.overlap must be less than half of the window, and is " + overlap.dump());
    for (const char* part : {"pre", "post"}) {
      const Json& list = member(member(d, "processing"), part);
      expect(list.is_array() && !list.empty() && std::all_of(list.begin(), list.end(), [](const Json& e) { return e.is_string(); }),
             std::string("describe() must list the processing expressions it implements, processing.") + part);
    }
  }

  void nonsense() {
    for (const Json& config : {Json::object(), Json("text"), Json::array(), Json{{"mlm:input", 7}, {"mlm:output", "x"}}}) {
      const auto made = plugin_.create(config);
      expect(!made, "it accepts a model item that says nothing: " + config.dump());
      if (!made) {
        expect(made.error().found != "an error without a reason", "it refuses " + config.dump() + " without saying why (set_error)");
      }
    }
  }

  [[nodiscard]] std::int64_t side_x() const { return spec_.input.width > 0 ? spec_.input.width : 256; }
  [[nodiscard]] std::int64_t side_y() const { return spec_.input.height > 0 ? spec_.input.height : 256; }

  /// `batch` pictures, rows `padding` bytes longer than their pixels.
  struct Pictures {
    std::vector<std::vector<std::uint8_t>> bytes;
    std::vector<raster::ImageView> views;
  };
  [[nodiscard]] Pictures pictures(int batch, std::int64_t padding) const {
    Pictures out;
    const std::int64_t stride = side_x() * 3 + padding;
    for (int b = 0; b < batch; ++b) {
      std::vector<std::uint8_t> bytes(static_cast<std::size_t>(stride * side_y()), 99);
      for (std::int64_t y = 0; y < side_y(); ++y) {
        for (std::int64_t x = 0; x < side_x() * 3; ++x) {
          bytes[static_cast<std::size_t>(y * stride + x)] =
              static_cast<std::uint8_t>(noise(static_cast<std::uint32_t>((b * side_y() + y) * side_x() * 3 + x)));
        }
      }
      out.bytes.push_back(std::move(bytes));
    }
    for (const auto& bytes : out.bytes) {
      out.views.push_back({bytes.data(), static_cast<std::int32_t>(side_x()), static_cast<std::int32_t>(side_y()), 3, stride, nullptr});
    }
    return out;
  }

  [[nodiscard]] TensorView tensor(std::vector<float>& values, const std::vector<std::int64_t>& shape) const {
    TensorView view;
    view.data = values.data();
    view.rank = static_cast<std::int32_t>(shape.size());
    for (std::size_t i = 0; i < shape.size(); ++i) view.shape[i] = shape[i];
    return view;
  }

  [[nodiscard]] std::vector<std::int64_t> input_shape(int batch) const {
    if (spec_.input.layout == stac::Layout::nhwc) return {batch, side_y(), side_x(), spec_.input.channels};
    return {batch, spec_.input.channels, side_y(), side_x()};
  }

  void preprocess(ModelPlugin& instance) {
    const auto size = static_cast<std::size_t>(spec_.input.channels * side_x() * side_y());
    const auto run = [&](int batch, std::int64_t padding) {
      const Pictures from = pictures(batch, padding);
      std::vector<float> values(size * static_cast<std::size_t>(batch) + 64, unwritten);  // the rest is a fence
      const auto done = instance.preprocess(from.views, tensor(values, input_shape(batch)));
      expect(done.has_value(), "preprocess refuses pictures of the model's size: " + (done ? "" : done.error().message()));
      return values;
    };
    const std::vector<float> one = run(1, 0);
    const auto begin = one.begin(), end = one.begin() + static_cast<std::ptrdiff_t>(size);
    expect(std::none_of(begin, end, [](float v) { return v == unwritten; }), "preprocess leaves part of the input unwritten");
    expect(std::all_of(begin, end, [](float v) { return std::isfinite(v); }), "preprocess gives values that are no numbers");
    expect(std::all_of(end, one.end(), [](float v) { return v == unwritten; }), "preprocess writes beyond the input's end");
    expect(run(1, 0) == one, "preprocess gives other values the second time");
    expect(run(1, 13) == one, "preprocess does not follow row_bytes: rows that are padded give other values; step from row to row by row_bytes");
    const std::vector<float> two = run(2, 0);
    expect(std::equal(begin, end, two.begin()), "preprocess gives the first picture of two other values than the picture alone");
    out_.numbers.insert(out_.numbers.end(), begin, end);
  }

  [[nodiscard]] std::vector<std::int64_t> output_shape(int batch) const {
    std::vector<std::int64_t> shape = spec_.output.shape;
    if (shape.empty()) return {};
    shape.front() = batch;
    if (shape.size() == 3 && shape[1] < 1 && shape[2] == 6) shape[1] = 8;  // detections: as many as there are
    const bool planar = spec_.output.layout == stac::Layout::nchw;
    for (std::size_t i = 1; i < shape.size(); ++i) {
      if (shape[i] > 0) continue;
      if (shape.size() != 4) return {};
      const bool channel = i == (planar ? 1U : 3U);
      shape[i] = channel ? static_cast<std::int64_t>(spec_.output.classes.size()) : i == (planar ? 2U : 1U) ? side_y() : side_x();
    }
    return shape;
  }

  void postprocess(ModelPlugin& instance) {
    expect(!instance.postprocess({}), "postprocess accepts a model that gave no output");
    std::vector<float> few(4, 0.0F);
    const TensorView flat = tensor(few, {4});
    expect(!instance.postprocess({&flat, 1}), "postprocess accepts an output of one axis");
    const std::vector<std::int64_t> shape = output_shape(2);
    if (shape.empty()) return;  // an output whose size only the graph knows
    std::size_t size = 1;
    for (const std::int64_t s : shape) size *= static_cast<std::size_t>(s);
    std::vector<float> logits(size);
    for (std::size_t i = 0; i < size; ++i) logits[i] = static_cast<float>(noise(static_cast<std::uint32_t>(i)) % 2001U) / 200.0F - 5.0F;
    const TensorView both = tensor(logits, shape);
    const auto result = instance.postprocess({&both, 1});
    expect(result.has_value(), "postprocess refuses an output as its item declares it: " + (result ? "" : result.error().message()));
    if (!result) return;
    judge(*result);
    std::vector<float> half(logits.begin(), logits.begin() + static_cast<std::ptrdiff_t>(size / 2));
    const TensorView alone = tensor(half, output_shape(1));
    const auto single = instance.postprocess({&alone, 1});
    if (result->kind != ResultKind::boxes) {
      expect(single && single->data.size() * 2 == result->data.size() && std::equal(single->data.begin(), single->data.end(), result->data.begin()),
             "postprocess gives the first window of two another result than the window alone");
    }
    out_.numbers.insert(out_.numbers.end(), result->data.begin(), result->data.end());
  }

  void judge(const PostResult& result) {
    const auto classes = static_cast<std::int64_t>(spec_.output.classes.size());
    const char* const kinds[] = {"scores", "boxes", "label"};
    const std::string kind = kinds[static_cast<int>(result.kind)];
    expect(member(plugin_.description(), "result_kind") == kind,
           "postprocess gives " + kind + ", describe() says " + member(plugin_.description(), "result_kind").dump());
    expect(std::all_of(result.data.begin(), result.data.end(), [](float v) { return std::isfinite(v); }),
           "postprocess gives values that are no numbers");
    const auto probability = [](float v) { return v >= 0 && v <= 1.0001F; };
    switch (result.kind) {
      case ResultKind::scores:
        expect(result.shape == std::vector<std::int64_t>{2, classes + result.extra_channels, side_y(), side_x()},
               "SCORES must be (windows, classes, height, width) = (2, " + std::to_string(classes) + ", " + std::to_string(side_y()) + ", " +
                   std::to_string(side_x()) + "), and are " + Json(result.shape).dump() + "; give postprocess's result that shape");
        expect(result.extra_channels == 0 || result.extra_channels == 1, "SCORES may have one channel beyond the classes");
        expect(std::all_of(result.data.begin(), result.data.end(), probability), "SCORES must be probabilities, from 0 to 1");
        break;
      case ResultKind::boxes:
        expect(result.shape.size() == 2 && result.shape[1] == 7, "BOXES must be rows of window, x0, y0, x1, y1, confidence, class");
        break;
      case ResultKind::label:
        expect(result.shape == std::vector<std::int64_t>{2, classes}, "LABEL must be (windows, classes)");
        expect(std::all_of(result.data.begin(), result.data.end(), probability), "LABEL must be probabilities, from 0 to 1");
        break;
    }
  }

  const LoadedPlugin& plugin_;
  const stac::ModelSpec& spec_;
  Conformance out_;
};

}  // namespace

Conformance check_conformance(const LoadedPlugin& plugin, const stac::ModelSpec& spec) { return Suite(plugin, spec).run(); }

Conformance check_conformance(const LoadedPlugin& plugin, const std::vector<stac::ModelSpec>& specs) {
  if (specs.empty()) {
    const auto example = example_spec(plugin.description());
    if (example) return check_conformance(plugin, *example);
    return {{example.error().message()}, {}, 1};
  }
  Conformance all;
  for (const stac::ModelSpec& spec : specs) {
    Conformance one = check_conformance(plugin, spec);
    for (const std::string& fault : one.faults) all.faults.push_back((specs.size() > 1 ? spec.id + ": " : "") + fault);
    all.numbers.insert(all.numbers.end(), one.numbers.begin(), one.numbers.end());
    all.checks += one.checks;
  }
  return all;
}

std::string digest(const Conformance& conformance) {
  // FNV-1a, 64 bits: tells accidents apart, not forgeries.
  std::uint64_t hash = 14695981039346656037U;
  for (const float number : conformance.numbers) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &number, sizeof bits);
    for (int i = 0; i < 4; ++i) hash = (hash ^ ((bits >> (8U * static_cast<unsigned>(i))) & 255U)) * 1099511628211U;
  }
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; hash >>= 4U) out[i] = "0123456789abcdef"[hash & 15U];
  return out;
}

Result<stac::ModelSpec> example_spec(const Json& description) {
  const Json &tasks = member(description, "tasks"), &window = member(member(description, "tiling"), "window");
  const auto task = tasks.is_array() && !tasks.empty() && tasks[0].is_string() ? stac::task_from(tasks[0].get<std::string>()) : std::nullopt;
  if (!task) return fail(Code::invalid, "description#/tasks", "a task as mlm:tasks spells it", tasks.dump(), "list at least one");
  if (!window.is_number_integer() || window.get<std::int64_t>() < 1 || window.get<std::int64_t>() > 4096) {
    return fail(Code::invalid, "description#/tiling/window", "the model's input size in pixels, at most 4096", window.dump(),
                "say how large a window is");
  }
  const std::int64_t side = window.get<std::int64_t>();
  stac::ModelSpec spec;
  spec.id = spec.name = "example";
  spec.task = *task;
  spec.input.name = "image";
  spec.input.shape = {-1, 3, side, side};
  spec.input.width = spec.input.height = side;
  spec.input.bands = {"red", "green", "blue"};
  spec.input.scaling.scale = {1.0 / 255}, spec.input.scaling.offset = {0};
  spec.output.name = "output";
  spec.output.classes = {{0, "background", ""}, {1, "building", ""}};
  if (*task == stac::Task::semantic_segmentation) {
    spec.output.shape = {-1, 2, side, side};
    spec.output.channels = 2;
  } else if (*task == stac::Task::classification) {
    spec.output.shape = {-1, 2};
  } else if (*task == stac::Task::object_detection) {
    spec.output.shape = {-1, -1, 6};
  }
  const Json& processing = member(description, "processing");
  const auto first = [&](const char* part) {
    const Json& list = member(processing, part);
    return list.is_array() && !list.empty() && list[0].is_string() ? list[0].get<std::string>() : std::string();
  };
  spec.input.pre_processing = first("pre"), spec.output.post_processing = first("post");
  return spec;
}

}  // namespace fair::plugin
