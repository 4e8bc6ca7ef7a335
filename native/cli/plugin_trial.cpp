#include "native/cli/plugin_trial.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "core/run/hyperparameters.h"
#include "core/stac/model_spec.h"
#include "native/cli/hand.h"
#include "native/demo/town_files.h"
#include "native/io/atomic_file.h"
#include "native/io/chip_labels.h"

namespace fair::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* feature_words[] = {"building", "road", "tree", "water", "landuse"};

/// A folder for as long as the trial takes, and the plugin path with a folder in front.
class Surroundings {
 public:
  explicit Surroundings(const fs::path& plugins) : folder(fs::temp_directory_path() / ("fair-plugin-" + std::to_string(::getpid()))) {
    const char* before = std::getenv("FAIR_PLUGIN_PATH");
    was_set_ = before != nullptr;
    before_ = was_set_ ? before : "";
    ::setenv("FAIR_PLUGIN_PATH", (fs::absolute(plugins).string() + (before_.empty() ? "" : ":" + before_)).c_str(), 1);
    std::error_code error;
    fs::remove_all(folder, error);
    fs::create_directories(folder, error);
  }
  ~Surroundings() {
    if (was_set_) ::setenv("FAIR_PLUGIN_PATH", before_.c_str(), 1);
    else ::unsetenv("FAIR_PLUGIN_PATH");
    std::error_code error;
    fs::remove_all(folder, error);
  }
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;
  const fs::path folder;

 private:
  bool was_set_ = false;
  std::string before_;
};

/// As dataset make spells the task whose labels teach the model.
const char* label_task(stac::Task task) { return io::name(io::label_task_from(stac::name(task)).value_or(io::LabelTask::segmentation)); }

/// Every second chip shows the thing: there is nothing to be learnt from it, but training runs.
Result<fs::path> class_table(const fs::path& chips, const fs::path& path, const std::string& thing) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(chips, error), end; !error && at != end; at.increment(error)) names.push_back(at->path().stem().string());
  std::sort(names.begin(), names.end());
  std::string text = "chip,class\n";
  for (std::size_t i = 0; i < names.size(); ++i) text += names[i] + "," + (i % 2 == 0 ? thing : "no_" + thing) + "\n";
  FAIR_TRY(io::write_whole(path, text));
  return path;
}

/// The town's buildings, called what the model finds: the item of the dataset gets the model's keywords.
Result<> rename(const fs::path& path, const stac::Item& model) {
  FAIR_TRY_ASSIGN(const std::string text, io::read_whole(path, 16U << 20U));
  FAIR_TRY_ASSIGN(Json json, parse_json(text, path.string()));
  json["properties"]["keywords"] = model.property("keywords");
  return io::write_whole(path, to_text(json));
}

}  // namespace

Result<PluginTrial> try_plugin(const fs::path& item_path, const fs::path& plugins, const std::function<void(const std::string&)>& say) {
  const auto begin = std::chrono::steady_clock::now();
  FAIR_TRY_ASSIGN(const std::string text, io::read_whole(item_path, JsonLimits{}.max_bytes + 1));
  FAIR_TRY_ASSIGN(Json document, parse_json(text, item_path.string()));
  FAIR_TRY_ASSIGN(const stac::Item item, stac::Item::from_json(std::move(document), item_path.string()));
  FAIR_TRY_ASSIGN(const stac::ModelSpec spec, stac::ModelSpec::from_item(item));
  const Surroundings around(plugins);
  Hand hand((around.folder / "workspace").string(), say);
  demo::TownOptions wanted;
  wanted.columns = wanted.rows = 4;
  FAIR_TRY_ASSIGN(const demo::TownFiles town, demo::write_town(demo::make_town(wanted), around.folder));

  // Of the model's own classes the first that is something; a word of the vocabulary where there is one.
  const std::size_t first = spec.task == stac::Task::object_detection || spec.output.classes.size() < 2 ? 0 : 1;
  std::string thing = spec.output.classes.at(first).name;
  for (const stac::Class& c : spec.output.classes) {
    if (std::find(std::begin(feature_words), std::end(feature_words), c.name) != std::end(feature_words)) {
      thing = c.name;
      break;
    }
  }
  const fs::path dataset = around.folder / "town";
  FAIR_TRY(hand.type({"init", "--empty"}));
  FAIR_TRY(hand.type({"register", fs::absolute(item_path).string()}));
  fs::path labels = town.footprints;
  if (spec.task == stac::Task::classification) {
    FAIR_TRY_ASSIGN(labels, class_table(town.chips, around.folder / "classes.csv", thing));
  }
  FAIR_TRY(hand.type({"dataset", "make", "--task", label_task(spec.task), "--chips", town.chips.string(), "--labels", labels.string(), "--id", "town",
                      "--class", thing, "--out", dataset.string()}));
  FAIR_TRY(rename(dataset / "town.json", item));
  FAIR_TRY(hand.type({"register", (dataset / "town.json").string()}));
  std::vector<std::string> training{"finetune", "--base", item.id(), "--dataset", "town", "--name", "trial", "--device", "cpu"};
  FAIR_TRY_ASSIGN(const auto known, run::HyperparameterSpec::from_item(item));
  const Json defaults = known.defaults().training;
  for (const auto& [key, value] : {std::pair{"epochs", "1"}, std::pair{"samples_per_epoch", "8"}, std::pair{"batch_size", "4"}}) {
    if (!defaults.contains(key)) continue;
    training.emplace_back("--set");
    training.push_back(std::string(key) + "=" + value);
  }
  FAIR_TRY(hand.type(training));
  FAIR_TRY(hand.type({"promote", "trial", "1"}));
  FAIR_TRY_ASSIGN(const Json predicted,
                  hand.type({"predict", "--model", "trial", "--images", town.chips.string(), "--out", (around.folder / "found.geojson").string()}));
  PluginTrial trial;
  trial.features = predicted.value("features", 0);
  trial.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return trial;
}

}  // namespace fair::cli
