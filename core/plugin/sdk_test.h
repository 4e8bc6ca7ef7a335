// For plugin authors: a host small enough to stand in a test. Header-only; what the real hosts do besides is checked by `fair plugins check`.
//
//   fair::sdk::TestHost host(&fair_plugin_mine);
//   auto model = host.create(fair::sdk::test_config({256, 256, 3}, {"background", "building"}));
//   std::vector<float> input = model.preprocess(pixels, 256, 256, 3, {1, 3, 256, 256});
#pragma once

#include <cstdlib>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/plugin/abi.h"

namespace fair::sdk {

/// Height, width and bands of a model's input.
struct TestInput {
  std::int64_t height = 256, width = 256, channels = 3;
};

/// What create() gets, for a model of 8-bit pixels scaled to 0 … 1 with planar tensors and logits.
inline std::string test_config(const TestInput& input, const std::vector<std::string>& classes) {
  std::string names, values;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    names += (i == 0 ? "\"" : ",\"") + classes[i] + "\"";
    values += (i == 0 ? "" : ",") + std::to_string(i);
  }
  return R"({"fair:model":{"input":{"layout":"nchw","data_type":"float32","channels":)" + std::to_string(input.channels) + R"(,"height":)" +
         std::to_string(input.height) + R"(,"width":)" + std::to_string(input.width) +
         R"(,"bands":[],"scale":[0.00392156862745098],"offset":[0],"low":[],"high":[]},"output":{"layout":"nchw","channels":-1,"activation":"logits",)"
         R"("classes":[)" +
         names + R"(],"class_values":[)" + values + "]},\"inference\":{}}}";
}

/// What postprocess gave.
struct TestResult {
  std::int32_t kind = 0, extra_channels = 0;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// Takes a plugin by its entry. Whatever the plugin refuses is thrown as std::runtime_error with the sentence it gave.
class TestHost {
 public:
  class Model {
   public:
    Model(TestHost& host, fair_instance* instance) : host_(host), instance_(instance) {}
    ~Model() { host_.table_.destroy(instance_); }
    Model(const Model&) = delete;
    Model& operator=(const Model&) = delete;

    /// One interleaved 8-bit picture -> the input tensor of that shape, its values in order.
    std::vector<float> preprocess(const std::vector<std::uint8_t>& pixels, std::int32_t width, std::int32_t height, std::int32_t channels,
                                  const std::vector<std::int64_t>& shape) {
      fair_image image{};
      image.row_bytes = static_cast<std::int64_t>(width) * channels;
      image.data = pixels.data();
      image.width = width, image.height = height, image.channels = channels;
      std::vector<float> values(count(shape));
      fair_tensor tensor = view(values.data(), shape);
      host_.check(host_.table_.preprocess(instance_, &image, 1, &tensor));
      return values;
    }
    /// The graph's first output -> a result.
    TestResult postprocess(std::vector<float> values, const std::vector<std::int64_t>& shape) {
      const fair_tensor tensor = view(values.data(), shape);
      fair_result made{};
      host_.check(host_.table_.postprocess(instance_, &tensor, 1, &made));
      TestResult out{made.kind, made.extra_channels, {made.tensor.shape, made.tensor.shape + made.tensor.rank}, {}};
      const auto* data = static_cast<const float*>(made.tensor.data);
      out.values.assign(data, data + count(out.shape));
      std::free(made.tensor.data);
      return out;
    }

   private:
    static std::size_t count(const std::vector<std::int64_t>& shape) {
      std::size_t out = 1;
      for (const std::int64_t size : shape) out *= static_cast<std::size_t>(size);
      return out;
    }
    static fair_tensor view(float* values, const std::vector<std::int64_t>& shape) {
      fair_tensor tensor{};
      tensor.data = values;
      tensor.dtype = 1;
      tensor.rank = static_cast<std::int32_t>(shape.size());
      std::int64_t stride = 1;
      for (std::size_t i = shape.size(); i-- > 0; stride *= shape[i]) tensor.shape[i] = shape[i], tensor.strides[i] = stride;
      return tensor;
    }

    TestHost& host_;
    fair_instance* instance_;
  };

  explicit TestHost(fair_plugin_entry entry) {
    host_.struct_size = sizeof host_;
    host_.abi_major = FAIR_ABI_MAJOR, host_.abi_minor = FAIR_ABI_MINOR;
    host_.host = this;
    host_.log = [](void*, std::int32_t, const fair_text*) {};
    host_.set_error = [](void* self, const fair_text* why) { static_cast<TestHost*>(self)->why_.assign(why->data, why->size); };
    host_.alloc = [](void*, std::uint32_t bytes) { return std::malloc(bytes); };
    host_.free = [](void*, void* memory) { std::free(memory); };
    host_.cancelled = [](void*) -> std::int32_t { return 0; };
    host_.progress = [](void*, std::uint32_t, std::uint32_t) {};
    host_.query = [](void*, const fair_text*, fair_text*) -> std::int32_t { return 1; };
    table_.struct_size = sizeof table_;
    check(entry(&host_, &table_));
  }
  TestHost(const TestHost&) = delete;
  TestHost& operator=(const TestHost&) = delete;

  Model create(const std::string& config) {
    const fair_text text{config.data(), static_cast<std::uint32_t>(config.size())};
    fair_instance* instance = nullptr;
    check(table_.create(&text, &instance));
    return Model(*this, instance);
  }
  std::string describe() {
    fair_text text{};
    check(table_.describe(&text));
    return {text.data, text.size};
  }

 private:
  void check(std::int32_t status) {
    if (status != 0) throw std::runtime_error(why_);
  }

  fair_host_table host_{};
  fair_plugin_table table_{};
  std::string why_;
};

}  // namespace fair::sdk
