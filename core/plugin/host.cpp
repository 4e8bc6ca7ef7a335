#include "core/plugin/host.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/plugin/manifest.h"

namespace fair::plugin {
namespace {

std::function<void(int, const std::string&)>& logger() {
  static std::function<void(int, const std::string&)> function;
  return function;
}

/// Why the call in progress failed; calls of one thread do not overlap.
std::string& last_error() {
#ifdef __EMSCRIPTEN__
  static std::string text;
#else
  static thread_local std::string text;
#endif
  return text;
}

std::string string_of(const fair_text* text) {
  return text == nullptr || text->data == nullptr ? std::string() : std::string(text->data, text->size);
}

const fair_host_table& host_table() {
  static const fair_host_table table = [] {
    fair_host_table t{};
    t.struct_size = sizeof t;
    t.abi_major = FAIR_ABI_MAJOR;
    t.abi_minor = FAIR_ABI_MINOR;
    t.log = [](void*, std::int32_t level, const fair_text* message) {
      if (logger()) logger()(level, string_of(message));
    };
    t.set_error = [](void*, const fair_text* message) { last_error() = string_of(message); };
    t.alloc = [](void*, std::uint32_t bytes) -> void* { return std::malloc(bytes); };
    t.free = [](void*, void* memory) { std::free(memory); };
    t.cancelled = [](void*) -> std::int32_t { return 0; };
    t.progress = [](void*, std::uint32_t, std::uint32_t) {};
    t.query = [](void*, const fair_text*, fair_text*) -> std::int32_t { return 1; };
    return t;
  }();
  return table;
}

std::string why() { return last_error().empty() ? "an error without a reason" : last_error(); }

fair_tensor to_abi(const TensorView& view) {
  fair_tensor tensor{};
  tensor.data = view.data;
  tensor.dtype = static_cast<std::int32_t>(view.dtype);
  tensor.rank = view.rank;
  std::int64_t stride = 1;
  for (int i = view.rank; i-- > 0;) {
    const auto at = static_cast<std::size_t>(i);
    tensor.shape[at] = view.shape[at];
    tensor.strides[at] = stride;
    stride *= view.shape[at];
  }
  return tensor;
}

class Instance final : public ModelPlugin {
 public:
  Instance(std::shared_ptr<const fair_plugin_table> table, std::shared_ptr<const Json> description, std::string name, fair_instance* instance)
      : table_(std::move(table)), description_(std::move(description)), name_(std::move(name)), instance_(instance) {}
  ~Instance() override { table_->destroy(instance_); }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const Json& description() const override { return *description_; }

  Result<> preprocess(std::span<const raster::ImageView> windows, TensorView out) override {
    std::vector<fair_image> images;
    images.reserve(windows.size());
    for (const raster::ImageView& w : windows) images.push_back(fair_image{w.stride, w.data, w.valid, w.width, w.height, w.channels});
    fair_tensor input = to_abi(out);
    last_error().clear();
    if (table_->preprocess(instance_, images.data(), static_cast<std::uint32_t>(images.size()), &input) != 0) {
      return fail(Code::invalid, "plugin " + name_, "to prepare its input", why(), "check that the item fits the plugin");
    }
    return {};
  }

  Result<PostResult> postprocess(std::span<const TensorView> outputs) override {
    std::vector<fair_tensor> tensors;
    for (const TensorView& output : outputs) tensors.push_back(to_abi(output));
    fair_result made{};
    last_error().clear();
    if (table_->postprocess(instance_, tensors.data(), static_cast<std::uint32_t>(tensors.size()), &made) != 0) {
      return fail(Code::invalid, "plugin " + name_, "to read the model's output", why(), "check that the model fits its item");
    }
    const std::shared_ptr<void> memory(made.tensor.data, &std::free);
    const bool shaped = made.tensor.rank >= 1 && made.tensor.rank <= FAIR_TENSOR_MAX_RANK && made.tensor.dtype == 1;
    if (made.kind < FAIR_RESULT_SCORES || made.kind > FAIR_RESULT_LABEL || !shaped || made.tensor.data == nullptr) {
      return fail(Code::invalid, "plugin " + name_, "a result of a known kind with f32 values",
                  "kind " + std::to_string(made.kind) + ", rank " + std::to_string(made.tensor.rank), "tell the plugin's author");
    }
    PostResult result;
    result.kind = static_cast<ResultKind>(made.kind);
    result.extra_channels = made.extra_channels;
    constexpr std::int64_t most = std::int64_t{1} << 31;
    std::int64_t count = 1;
    for (std::int32_t i = 0; i < made.tensor.rank; ++i) {
      const std::int64_t size = made.tensor.shape[i];
      if (size >= 0 && size <= most) count *= size;
      if (size < 0 || size > most || count > most) {
        return fail(Code::invalid, "plugin " + name_, "a result of a possible size", "axis " + std::to_string(i) + " of " + std::to_string(size),
                    "tell the plugin's author");
      }
      result.shape.push_back(size);
    }
    result.data = {static_cast<const float*>(made.tensor.data), static_cast<std::size_t>(count)};
    result.memory = memory;
    return result;
  }

 private:
  std::shared_ptr<const fair_plugin_table> table_;
  std::shared_ptr<const Json> description_;
  std::string name_;
  fair_instance* instance_;
};

}  // namespace

void set_logger(std::function<void(int, const std::string&)> function) { logger() = std::move(function); }

Result<LoadedPlugin> LoadedPlugin::take(fair_plugin_entry entry, const std::string& thing) {
  auto table = std::make_shared<fair_plugin_table>();
  std::memset(table.get(), 0, sizeof(fair_plugin_table));
  table->struct_size = sizeof(fair_plugin_table);
  last_error().clear();
  if (entry(&host_table(), table.get()) != 0)
    return fail(Code::unsupported, thing, "a plugin for this host", why(), "build it against this version's SDK");
  FAIR_TRY(check_contract(table->abi_major, table->abi_minor, thing));
  constexpr std::size_t needed = offsetof(fair_plugin_table, postprocess) + sizeof(void*);
  if (table->struct_size < needed) {
    return fail(Code::invalid, thing, "a plugin table of at least " + std::to_string(needed) + " bytes",
                std::to_string(table->struct_size) + " bytes", "build it with the SDK's export line");
  }
  if (table->struct_size < sizeof(fair_plugin_table)) {
    std::memset(reinterpret_cast<char*>(table.get()) + table->struct_size, 0, sizeof(fair_plugin_table) - table->struct_size);
  }
  if (table->describe == nullptr || table->create == nullptr || table->destroy == nullptr || table->preprocess == nullptr ||
      table->postprocess == nullptr) {
    return fail(Code::invalid, thing, "describe, create, destroy, preprocess and postprocess", "a table that lacks one of them",
                "build it with the SDK's export line");
  }
  fair_text text{};
  if (table->describe(&text) != 0) return fail(Code::invalid, thing, "a description", why(), "tell the plugin's author");
  FAIR_TRY_ASSIGN(Json description, parse_json(string_of(&text), thing + " describe()"));
  if (!description.is_object() || !description.contains("name") || !description["name"].is_string()) {
    return fail(Code::invalid, thing, "a description that names the plugin", description.dump().substr(0, 80), "tell the plugin's author");
  }
  LoadedPlugin plugin;
  plugin.name_ = description["name"].get<std::string>();
  plugin.description_ = std::make_shared<const Json>(std::move(description));
  plugin.table_ = std::move(table);
  return plugin;
}

LoadedPlugin LoadedPlugin::described(const std::string& name, Json description) const {
  for (const auto& [key, value] : description_->items()) {
    if (!description.contains(key)) description[key] = value;
  }
  LoadedPlugin out = *this;
  out.name_ = name;
  out.description_ = std::make_shared<const Json>(std::move(description));
  return out;
}

Result<std::shared_ptr<ModelPlugin>> LoadedPlugin::create(const Json& config) const {
  const std::string text = config.dump(-1, ' ', false, Json::error_handler_t::replace);
  const fair_text view{text.data(), static_cast<std::uint32_t>(text.size())};
  fair_instance* instance = nullptr;
  last_error().clear();
  if (table_->create(&view, &instance) != 0 || instance == nullptr) {
    return fail(Code::incompatible, "plugin " + name_, "a model item it can run", why(), "check the item's input, output and classes");
  }
  return std::shared_ptr<ModelPlugin>(std::make_shared<Instance>(table_, description_, name_, instance));
}

}  // namespace fair::plugin
