// Which model a person means: an item of the catalogue, an item's file, or a bare ONNX file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/run/hyperparameters.h"
#include "core/stac/item.h"
#include "core/stac/model_spec.h"
#include "native/store/workspace.h"

namespace fair::launch {

struct ChosenModel {
  std::string id;                  ///< for people and run configs
  stac::ModelSpec spec;            ///< as the item, or the ONNX file's own metadata, says it
  std::optional<stac::Item> item;  ///< absent for a bare ONNX file
  std::filesystem::path onnx;      ///< on this machine
  std::string uri;                 ///< the href it stands for in run configs; the path where it has none

  /// What may be set for a run of it.
  [[nodiscard]] Result<run::HyperparameterSpec> hyperparameters() const;
};

/// `what` is model.onnx, item.json, or a name find_model knows. `workspace` may be null: then only files can be named. A model whose file is neither
/// in the workspace nor beside its item is Code::not_found.
[[nodiscard]] Result<ChosenModel> choose_model(const std::string& what, store::Workspace* workspace);

/// The file on this machine that an item's ONNX asset means. `beside` is the item file's folder, for relative hrefs; "" for items of the catalogue.
[[nodiscard]] Result<std::filesystem::path> onnx_of(const stac::Item& item, const store::Workspace* workspace, const std::filesystem::path& beside);

}  // namespace fair::launch
