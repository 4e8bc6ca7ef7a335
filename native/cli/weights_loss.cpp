#include "native/cli/weights_loss.h"

#include <cmath>

#include "core/catalog/resolve.h"
#include "native/cli/evaluated.h"
#include "native/cli/table.h"
#include "native/launch/datasets.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

std::string number(double value) {
  if (std::isnan(value)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return text;
}

double foreground_mean(const metrics::Confusion& confusion, std::size_t classes) {
  double sum = 0;
  int counted = 0;
  for (std::size_t c = 1; c < classes; ++c) {
    if (const double iou = confusion.iou(c); !std::isnan(iou)) sum += iou, ++counted;
  }
  return counted == 0 ? NAN : sum / counted;
}

Json values_json(const Figures& figures) {
  Json out = Json::object();
  for (const auto& [name, value] : figures.values) out[name] = std::isnan(value) ? Json() : Json(value);
  return out;
}

}  // namespace

Result<WeightsLoss> WeightsLoss::on(const std::string& dataset, const std::string& split, Desk* desk) {
  WeightsLoss out;
  FAIR_TRY_ASSIGN(out.part_, launch::part_from(split));
  std::error_code error;
  fs::path pack = dataset;
  if (pack.extension() != ".pack" || !fs::is_regular_file(pack, error)) {
    if (desk == nullptr)
      return fail(Code::not_found, "dataset " + dataset, "a workspace that has it, or a dataset.pack", "neither",
                  "run fair init, or name a dataset.pack");
    FAIR_TRY_ASSIGN(const stac::Item item, catalog::find_dataset(desk->catalog(), dataset));
    FAIR_TRY_ASSIGN(pack, launch::packed_dataset(desk->workspace(), item));
  }
  FAIR_TRY_ASSIGN(out.pack_, io::DatasetPack::open(pack));
  return out;
}

Result<Figures> WeightsLoss::measure(const launch::ChosenModel& model, const fs::path& file, const Context& context) const {
  launch::ModelEvaluation how;
  how.file = file;
  how.pack = pack_;
  how.part = part_;
  FAIR_TRY_ASSIGN(const auto result, evaluated(model, std::move(how), context));

  Figures out;
  out.chips = result.chips;
  if (result.boxes) {
    out.values = {{"map50", result.boxes->map50()}, {"map50_95", result.boxes->map50_95()}};
  } else if (result.labels) {
    out.values = {{"accuracy", result.labels->confusion().accuracy()}, {"f1", result.labels->f1()}};
  } else {
    const std::size_t classes = result.classes.size();
    out.values = {{"polygon_iou", foreground_mean(result.polygons, classes)},
                  {"pixel_iou", foreground_mean(result.pixels, classes)},
                  {"instance_f1", result.things.f1()}};
  }
  return out;
}

Json losses_json(const Figures& full, const Figures& small, const std::string& weights) {
  Figures loss;
  for (std::size_t i = 0; i < full.values.size(); ++i) loss.values.emplace_back(full.values[i].first, full.values[i].second - small.values[i].second);
  return {{"chips", full.chips}, {"f32", values_json(full)}, {weights, values_json(small)}, {"loss", values_json(loss)}};
}

std::string losses_table(const Figures& full, const Figures& small, const std::string& weights) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < full.values.size(); ++i) {
    const auto& [name, before] = full.values[i];
    const double after = small.values[i].second;
    rows.push_back({name, number(before), number(after), number(before - after)});
  }
  return table({"FIGURE", "F32", weights == "int8" ? "INT8" : "F16", "LOSS"}, rows);
}

}  // namespace fair::cli
