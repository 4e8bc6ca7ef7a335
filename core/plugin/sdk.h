// For plugin authors: derive from fair::sdk::Plugin, use C++ as you like, write one export line. Header-only.
//
//   class Mine : public fair::sdk::Plugin { … };
//   FAIR_EXPORT_PLUGIN(mine, Mine)
//
// Mine needs a constructor from (std::string_view config), the model item's MLM fields as JSON (sdk_model.h reads it), and a static `std::string
// describe()`. Exceptions stay inside: the export line turns them into the host's error text.
#pragma once

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

/// What postprocess gives: f32 values with their shape (abi.h says which for each kind).
struct Output {
  std::int32_t kind = FAIR_RESULT_SCORES;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
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
  static inline const fair_host_table* host = nullptr;

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
      const Output output = self(instance)->postprocess({outputs, count});
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
      const std::size_t bytes = output.values.size() * sizeof(float);
      made.tensor.data = host->alloc(host->host, static_cast<std::uint32_t>(bytes == 0 ? 1 : bytes));
      if (made.tensor.data == nullptr) throw std::bad_alloc();
      made.tensor.owner = FAIR_OWNER_HOST;
      if (bytes != 0) std::memcpy(made.tensor.data, output.values.data(), bytes);
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
