// What smaller weights cost: one model's figures on a dataset with each of two files.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "native/cli/desk.h"
#include "native/io/dataset_pack.h"
#include "native/launch/model_choice.h"

namespace fair::cli {

/// The figures of a model on one part of a dataset, higher being better: IoU of segmentation, mAP of detection, F1 of classification.
struct Figures {
  std::int64_t chips = 0;
  std::vector<std::pair<std::string, double>> values;  ///< name for JSON ("polygon_iou"), value from 0 to 1; NaN where nothing could be counted
};

class WeightsLoss {
 public:
  /// `dataset` is a dataset of the catalogue, which needs `desk`, or a dataset.pack.
  [[nodiscard]] static Result<WeightsLoss> on(const std::string& dataset, const std::string& split, Desk* desk);

  /// Evaluates the model with the weights of `file`, as `fair evaluate` does.
  [[nodiscard]] Result<Figures> measure(const launch::ChosenModel& model, const std::filesystem::path& file, const Context& context) const;

 private:
  std::shared_ptr<io::DatasetPack> pack_;
  io::Part part_ = io::Part::val;
};

/// {"chips", "f32": {…}, weights: {…}, "loss": {…}}; a loss is f32's figure less the other's.
[[nodiscard]] Json losses_json(const Figures& full, const Figures& small, const std::string& weights);
/// The same as a table.
[[nodiscard]] std::string losses_table(const Figures& full, const Figures& small, const std::string& weights);

}  // namespace fair::cli
