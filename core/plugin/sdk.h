// For plugin authors: derive from fair::sdk::Plugin, use C++ as you like, write one export line. Header-only.
//
//   class Mine : public fair::sdk::Plugin { … };
//   FAIR_EXPORT_PLUGIN(mine, Mine)
//
// Mine needs a constructor from (std::string_view config), the model item's MLM fields as JSON (sdk_model.h reads it), and a static `std::string
// describe()`. Exceptions stay inside: the export line turns them into the host's error text.
#pragma once

#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugin/abi.h"

#ifdef _WIN32
#define FAIR_PLUGIN_EXPORT extern "C" __declspec(dllexport)
#else
#define FAIR_PLUGIN_EXPORT extern "C" __attribute__((used, visibility("default")))
#endif

namespace fair::sdk {

/// The process's host, once it has taken the plugin.
inline const fair_host_table* host = nullptr;

/// f32 values in memory from the host, which takes them as they are: scores are the largest thing a plugin makes, and are written once.
class Values {
 public:
  Values() = default;
  Values(const std::vector<float>& values) {  // NOLINT(google-explicit-constructor): small results are easier made as vectors
    resize(values.size());
    if (!values.empty()) std::memcpy(data(), values.data(), values.size() * sizeof(float));
  }
  /// Room for `count` values, none of them set, whatever was there before.
  void resize(std::size_t count) {
    if (count > UINT32_MAX / sizeof(float)) throw std::length_error("a result of more than 4 GiB");
    memory_.reset(static_cast<float*>(host->alloc(host->host, static_cast<std::uint32_t>(count == 0 ? 1 : count * sizeof(float)))));
    if (!memory_) throw std::bad_alloc();
    size_ = count;
  }
  [[nodiscard]] float* data() { return memory_.get(); }
  [[nodiscard]] const float* data() const { return memory_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  float* begin() { return data(); }
  float* end() { return data() + size_; }
  float& operator[](std::size_t i) { return data()[i]; }
  /// The memory becomes the caller's, who frees it through the host.
  float* release() {
    if (!memory_) resize(0);
    return memory_.release();
  }

 private:
  struct Free {
    void operator()(float* memory) const { host->free(host->host, memory); }
  };
  std::unique_ptr<float, Free> memory_;
  std::size_t size_ = 0;
};

/// What postprocess gives: f32 values with their shape (abi.h says which for each kind).
struct Output {
  std::int32_t kind = FAIR_RESULT_SCORES;
  std::vector<std::int64_t> shape;
  Values values;
  std::int32_t extra_channels = 0;
};

/// One configured instance. Calls are serial.
class Plugin {
 public:
  virtual ~Plugin() = default;
  /// Pixels of all windows -> the input tensor, whose memory and shape the host has set (f32).
  virtual void preprocess(std::span<const fair_image> windows, const fair_tensor& input) = 0;
  /// The session's outputs -> one result for the batch.
  virtual Output postprocess(std::span<const fair_tensor> outputs) = 0;
};

/// The plugin's side of the C contract for one Plugin class. One host a process.
template <class P>
struct Thunks {
  static std::int32_t failed(const char* why) noexcept {
    const fair_text text{why, static_cast<std::uint32_t>(std::strlen(why))};
    if (host != nullptr && host->set_error != nullptr) host->set_error(host->host, &text);
    return 1;
  }
  template <class Body>
  static std::int32_t guarded(Body body) noexcept {
    try {
      body();
      return 0;
    } catch (const std::exception& e) {
      return failed(e.what());
    } catch (...) {
      return failed("an exception that is no std::exception");
    }
  }

  static std::int32_t describe(fair_text* json) noexcept {
    return guarded([&] {
      static const std::string text = P::describe();
      *json = fair_text{text.data(), static_cast<std::uint32_t>(text.size())};
    });
  }
  static std::int32_t create(const fair_text* config, fair_instance** instance) noexcept {
    return guarded([&] {
      auto made = std::make_unique<P>(std::string_view(config->data, config->size));
      *instance = reinterpret_cast<fair_instance*>(static_cast<Plugin*>(made.release()));
    });
  }
  static void destroy(fair_instance* instance) noexcept { delete self(instance); }
  static std::int32_t preprocess(fair_instance* instance, const fair_image* windows, std::uint32_t count, fair_tensor* input) noexcept {
    return guarded([&] { self(instance)->preprocess({windows, count}, *input); });
  }
  static std::int32_t postprocess(fair_instance* instance, const fair_tensor* outputs, std::uint32_t count, fair_result* result) noexcept {
    return guarded([&] {
      Output output = self(instance)->postprocess({outputs, count});
      fair_result made{};
      made.kind = output.kind;
      made.extra_channels = output.extra_channels;
      made.tensor.dtype = 1;
      made.tensor.rank = static_cast<std::int32_t>(output.shape.size());
      if (output.shape.size() > FAIR_TENSOR_MAX_RANK) throw std::length_error("a result of more than 8 axes");
      std::int64_t stride = 1;
      for (std::size_t i = output.shape.size(); i-- > 0;) {
        made.tensor.shape[i] = output.shape[i];
        made.tensor.strides[i] = stride;
        stride *= output.shape[i];
      }
      if (stride != static_cast<std::int64_t>(output.values.size())) throw std::length_error("a result whose shape does not count its values");
      made.tensor.data = output.values.release();
      made.tensor.owner = FAIR_OWNER_HOST;
      *result = made;
    });
  }

  static std::int32_t entry(const fair_host_table* with, fair_plugin_table* out) noexcept {
    if (with == nullptr || out == nullptr) return 1;
    host = with;
    if (with->abi_major != FAIR_ABI_MAJOR) return failed("built for another major of the plugin contract than this host's");
    fair_plugin_table table{};
    table.struct_size = sizeof table;
    table.abi_major = FAIR_ABI_MAJOR;
    table.abi_minor = FAIR_ABI_MINOR;
    table.describe = &describe;
    table.create = &create;
    table.destroy = &destroy;
    table.preprocess = &preprocess;
    table.postprocess = &postprocess;
    const std::uint32_t room = out->struct_size;
    std::memcpy(out, &table, room < sizeof table ? room : sizeof table);
    return 0;
  }

 private:
  static Plugin* self(fair_instance* instance) { return reinterpret_cast<Plugin*>(instance); }
};

}  // namespace fair::sdk

/// Exports fair_plugin_<name>: static, shared and WASM forms alike.
#define FAIR_EXPORT_PLUGIN(name, Class)                                                                     \
  FAIR_PLUGIN_EXPORT std::int32_t fair_plugin_##name(const fair_host_table* host, fair_plugin_table* out) { \
    return ::fair::sdk::Thunks<Class>::entry(host, out);                                                    \
  }
