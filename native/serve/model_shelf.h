// Which models this server predicts with, and which services it stands in for.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/plugin/registry.h"
#include "native/launch/model_choice.h"
#include "native/serve/model_download.h"

namespace fair::serve {

struct ShelfOptions {
  store::Workspace* workspace = nullptr;  ///< catalogue and artifacts, or null; outlives the shelf
  std::filesystem::path folder;           ///< of ONNX files, or ""
  DownloadOptions downloads;
  std::shared_ptr<const http::Client> client;  ///< for models elsewhere; null: those are refused
};

/// Safe from several threads.
class ModelShelf {
 public:
  /// Reads the catalogue's base models and the built-in ones: each is a service.
  [[nodiscard]] static Result<std::unique_ptr<ModelShelf>> open(ShelfOptions options, plugin::Registry plugins);

  /// A model by what a request calls it: an address of the workspace's artifacts, a file's name in the folder, a name of the catalogue, or an http(s)
  /// address. What the file itself does not say (a bare ONNX file) is taken from the base model of `service`; "" is none. Code::incompatible where
  /// the file is another plugin's model.
  [[nodiscard]] Result<launch::ChosenModel> find(const std::string& uri, const std::string& service, const std::atomic<bool>* stop);
  [[nodiscard]] Result<std::shared_ptr<plugin::ModelPlugin>> plugin_for(const stac::ModelSpec& spec);

  [[nodiscard]] bool has_service(const std::string& service) const { return services_.count(service) > 0; }
  /// {"services": […], "models": [{id, name, uri, task, classes, service, active}…]}: the catalogue's and the folder's.
  [[nodiscard]] Result<Json> list();

 private:
  ModelShelf(ShelfOptions options, plugin::Registry plugins);
  [[nodiscard]] Result<std::filesystem::path> file_of(const std::string& uri, const std::atomic<bool>* stop);

  ShelfOptions options_;
  ModelDownloads downloads_;
  std::map<std::string, stac::ModelSpec> services_;
  std::mutex catalog_mutex_, plugin_mutex_;
  plugin::Registry plugins_;
};

/// How fAIr's gateway spells a base model's name in paths: lower case, "_" as "-".
[[nodiscard]] std::string service_name(const std::string& mlm_name);

}  // namespace fair::serve
