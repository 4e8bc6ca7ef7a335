#include <CLI/CLI.hpp>

#include "core/catalog/resolve.h"
#include "native/cli/address.h"
#include "native/cli/desk.h"
#include "native/cli/evaluated.h"
#include "native/cli/overrides.h"
#include "native/cli/table.h"
#include "native/cli/verbs.h"
#include "native/draw/png.h"
#include "native/launch/dataset_picture.h"
#include "native/launch/datasets.h"
#include "native/launch/model_choice.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::string model, dataset, split = "val", device = "auto", picture;
  std::vector<std::string> overrides;
  int threads = 0;
};

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return std::isnan(value) ? "-" : text;
}

Result<Exit> answer_boxes(Context& context, const launch::Evaluation& result, const Json& json, const Options& options) {
  const auto best = result.boxes->best();
  std::vector<std::vector<std::string>> rows;
  for (const std::string& name : result.classes) {
    const Json ap = json["fair:per_class_map50"][name];
    rows.push_back({name, ap.is_number() ? number(ap.get<double>()) : "-"});
  }
  context.answer(json, json["model"].get<std::string>() + " on " + std::to_string(result.chips) + " chips (" + options.split + ") of " +
                           options.dataset + "\n" + table({"CLASS", "AP AT IOU 0.5"}, rows) + "mAP50 " + number(result.boxes->map50()) +
                           ", mAP50-95 " + number(result.boxes->map50_95()) + "; precision " + number(best.precision) + ", recall " +
                           number(best.recall) + ", F1 " + number(best.f1) + " at confidence " + number(best.confidence) + "\n" +
                           (options.picture.empty() ? "" : "picture " + options.picture + "\n"));
  return done;
}

Result<Exit> answer_labels(Context& context, const launch::Evaluation& result, const Json& json, const Options& options) {
  const metrics::Confusion& confusion = result.labels->confusion();
  std::vector<std::string> header{"TRUE CLASS"};
  std::vector<std::vector<std::string>> rows;
  for (std::size_t c = 0; c < result.classes.size(); ++c) {
    header.push_back("CALLED " + result.classes[c]);
    rows.push_back({result.classes[c]});
    for (std::size_t p = 0; p < result.classes.size(); ++p) rows.back().push_back(std::to_string(confusion.count(c, p)));
  }
  context.answer(json, json["model"].get<std::string>() + " on " + std::to_string(result.chips) + " chips (" + options.split + ") of " +
                           options.dataset + "\n" + table(header, rows) + "accuracy " + number(confusion.accuracy()) + ", precision " +
                           number(result.labels->precision()) + ", recall " + number(result.labels->recall()) + ", F1 " +
                           number(result.labels->f1()) + "\n" + (options.picture.empty() ? "" : "picture " + options.picture + "\n"));
  return done;
}

Result<Exit> run(Context& context, const Options& options) {
  std::error_code error;
  FAIR_TRY_ASSIGN(fs::path pack_path, on_this_machine(context, options.dataset));
  const bool pack_given = pack_path.extension() == ".pack" && fs::is_regular_file(pack_path, error);
  std::optional<Desk> desk;
  auto opened = Desk::open(context);
  if (opened) {
    desk = std::move(*opened);
  } else if (!pack_given || opened.error().code != Code::not_found) {
    return fail(std::move(opened).error());
  }
  launch::ModelEvaluation how;
  FAIR_TRY_ASSIGN(how.part, launch::part_from(options.split));
  FAIR_TRY_ASSIGN(const auto model, chosen_model(context, options.model, desk ? &desk->workspace() : nullptr));
  if (!pack_given) {
    FAIR_TRY_ASSIGN(const stac::Item dataset, catalog::find_dataset(desk->catalog(), options.dataset));
    FAIR_TRY_ASSIGN(pack_path, launch::packed_dataset(desk->workspace(), dataset));
  }
  FAIR_TRY_ASSIGN(how.pack, io::DatasetPack::open(pack_path));
  how.file = model.onnx;
  how.overrides = options.overrides;
  how.session.device = options.device;
  how.session.threads = options.threads;
  FAIR_TRY_ASSIGN(const auto result, evaluated(model, how, context));

  if (!options.picture.empty()) {
    FAIR_TRY_ASSIGN(auto picture, launch::picture_of(*how.pack, how.part, result.features));
    picture.title = model.id + " on " + options.dataset + " (" + options.split + "), " +
                    (result.boxes    ? "mAP50 " + number(result.boxes->map50())
                     : result.labels ? "F1 " + number(result.labels->f1())
                                     : "polygon IoU " + number(result.foreground_iou()));
    FAIR_TRY(draw::write_png(options.picture, draw::draw_map(picture)));
  }

  Json json = result.to_json();
  json["model"] = model.id;
  json["dataset"] = options.dataset;
  json["split"] = options.split;
  json["chips"] = result.chips;
  if (!options.picture.empty()) json["picture"] = options.picture;
  if (result.boxes) return answer_boxes(context, result, json, options);
  if (result.labels) return answer_labels(context, result, json, options);
  json["foreground_iou"] = result.foreground_iou();
  std::vector<std::vector<std::string>> rows;
  for (std::size_t c = 0; c < result.classes.size(); ++c) {
    rows.push_back({result.classes[c], number(result.polygons.iou(c)), number(result.pixels.iou(c)), number(result.polygons.precision(c)),
                    number(result.polygons.recall(c))});
  }
  const auto& things = result.things;
  context.answer(json, model.id + " on " + std::to_string(result.chips) + " chips (" + options.split + ") of " + options.dataset + "\n" +
                           table({"CLASS", "POLYGON IOU", "PIXEL IOU", "PRECISION", "RECALL"}, rows) + "things at IoU 0.5: precision " +
                           number(things.precision()) + ", recall " + number(things.recall()) + ", F1 " + number(things.f1()) + " (" +
                           std::to_string(things.matched()) + " found, " + std::to_string(things.missed()) + " missed, " +
                           std::to_string(things.invented()) + " invented)\n" + (options.picture.empty() ? "" : "picture " + options.picture + "\n"));
  return done;
}

}  // namespace

void add_evaluate(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("evaluate", "How right a model is on a part of a dataset: pixels, polygons and things; boxes; whole chips");
  verb->footer("Example:\n  fair evaluate --model town-buildings --dataset town --split holdout");
  auto options = std::make_shared<Options>();
  verb->add_option("--model", options->model, "A model of the catalogue, model.onnx, or an item's file")->required()->type_name("ID|FILE");
  verb->add_option("--dataset", options->dataset, "A dataset of the catalogue, or a dataset.pack")->required()->type_name("ID|PACK");
  verb->add_option("--split", options->split, "train, val or holdout")->capture_default_str()->check(CLI::IsMember({"train", "val", "holdout"}));
  verb->add_option("--picture", options->picture, "PNG of the chips with true and predicted outlines")->type_name("FILE");
  add_overrides(verb, options->overrides);
  verb->add_option("--device", options->device, "auto, cpu or cuda")->capture_default_str()->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  verb->add_option("--threads", options->threads, "Processor threads; all where it is left out")->check(CLI::Range(1, 1024));
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
