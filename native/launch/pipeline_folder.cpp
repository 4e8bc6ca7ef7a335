#include "native/launch/pipeline_folder.h"

#include <algorithm>
#include <map>
#include <system_error>
#include <utility>

#include "core/base/field.h"
#include "core/stac/model_spec.h"
#include "core/stac/vocabulary.h"
#include "native/io/atomic_file.h"
#include "native/io/atomic_folder.h"

namespace fair::launch {
namespace fs = std::filesystem;
namespace {

struct TaskWords {
  const char* task;    ///< as `fair dataset make --task` spells it
  const char* metric;  ///< that evaluation always gives
};

TaskWords words_of(stac::Task task) {
  if (task == stac::Task::object_detection) return {"detection", "fair:map50"};
  if (task == stac::Task::classification) return {"classification", "fair:accuracy"};
  return {"segmentation", "fair:mean_iou"};
}

/// Python's literals of these are JSON's, for what stands here: texts, lists of texts, whole numbers.
std::string literal(const Json& value) { return value.dump(); }

/// What a few steps of training take, of what the item knows.
Json short_training(const stac::Item& item) {
  static const std::map<std::string, int> shortest{{"epochs", 1}, {"samples_per_epoch", 8}, {"batch_size", 4}, {"image_size", 320}};
  Json out = Json::object();
  for (const Json& entry : member(item.json()["properties"], "fair:hyperparameters_spec")) {
    const auto found = shortest.find(entry.value("key", ""));
    if (found != shortest.end()) out[found->first] = found->second;
  }
  return out;
}

Result<std::map<std::string, std::string>> replacements(const PipelineFolder& wanted, const std::string& folder) {
  FAIR_TRY_ASSIGN(const auto spec, stac::ModelSpec::from_item(wanted.item));
  const TaskWords words = words_of(spec.task);
  const stac::Vocabulary& vocabulary = stac::Vocabulary::fair();
  std::string feature = "building", geometry = "polygon";
  for (const Json& keyword : member(wanted.item.json()["properties"], "keywords")) {
    const std::string word = keyword.is_string() ? keyword.get<std::string>() : "";
    if (vocabulary.is_feature(word)) feature = word;
    if (vocabulary.is_geometry(word)) geometry = word;
  }
  Json classes = Json::array();
  for (const stac::Class& c : spec.output.classes) classes.push_back(c.name);
  const std::string file = wanted.beside.empty() ? "\"stac-item.json\"" : "\"model\" / \"item.json\"";
  return std::map<std::string, std::string>{
      {"@MODEL@", spec.id},
      {"@ARGUMENT@", wanted.beside.empty() ? spec.id : folder},
      {"@SOURCE@", wanted.built_in.empty() ? "str(Path(__file__).parent / " + file + ")" : literal(wanted.built_in)},
      {"@TASK@", words.task},
      {"@METRIC@", words.metric},
      {"@FEATURE@", feature},
      {"@GEOMETRY@", geometry},
      {"@CLASSES@", literal(classes)},
      {"@TRAINING@", literal(short_training(wanted.item))}};
}

std::string replaced(std::string text, const std::map<std::string, std::string>& words) {
  for (const auto& [word, by] : words) {
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size())) text.replace(at, word.size(), by);
  }
  return text;
}

bool is_path(const std::string& href) { return !href.empty() && href != "local" && href.find("://") == std::string::npos; }

/// The item as others read it: files that lie beside it get addresses.
Json published(const PipelineFolder& wanted) {
  Json document = wanted.item.json();
  if (wanted.asset_base.empty() || !document.contains("assets")) return document;
  for (Json& asset : document["assets"]) {
    const std::string href = asset.value("href", "");
    if (is_path(href)) asset["href"] = wanted.asset_base + "/" + fs::path(href).lexically_normal().generic_string();
  }
  return document;
}

/// The item as it is and the files its hrefs name by a path: what the pipeline registers before it trains.
Result<> copy_model(const PipelineFolder& wanted, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  FAIR_TRY(io::write_whole(folder / "item.json", wanted.item.json().dump(2) + "\n"));
  for (const Json& asset : member(wanted.item.json(), "assets")) {
    const std::string href = asset.value("href", "");
    const fs::path path = fs::path(href).lexically_normal();
    if (!is_path(href)) continue;
    if (path.is_absolute() || *path.begin() == "..") {
      return fail(Code::invalid, "asset " + href, "a file beside the item, or an address", href, "put the file beside the item");
    }
    fs::create_directories((folder / path).parent_path(), error);
    fs::copy_file(wanted.beside / path, folder / path, error);
    if (error) return fail(Code::io, (wanted.beside / path).string(), "a file that the item names", error.message(), "put it there");
  }
  return {};
}

Result<> fill(const PipelineFolder& wanted, const std::string& name, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder / "tests", error);
  if (error) return fail(Code::io, folder.string(), "a folder for the pipeline", error.message(), "check the permissions and the disk");
  FAIR_TRY_ASSIGN(const auto words, replacements(wanted, name));
  for (const auto& [from, to] : {std::pair{"pipeline.py", "pipeline.py"}, {"README.md", "README.md"}, {"test_steps.py", "tests/test_steps.py"}}) {
    FAIR_TRY_ASSIGN(const std::string text, io::read_whole(wanted.template_folder / from, 1U << 20U));
    FAIR_TRY(io::write_whole(folder / to, replaced(text, words)));
  }
  FAIR_TRY(io::write_whole(folder / "stac-item.json", published(wanted).dump(2) + "\n"));
  return wanted.beside.empty() ? Result<>{} : copy_model(wanted, folder / "model");
}

}  // namespace

Result<MadePipeline> make_pipeline(const PipelineFolder& wanted) {
  std::string name = wanted.item.id();
  std::replace(name.begin(), name.end(), '-', '_');
  MadePipeline made;
  made.folder = wanted.parent / name;
  FAIR_TRY_ASSIGN(made.files, io::write_folder(made.folder, "remove it, or choose another --out",
                                               [&](const fs::path& folder) { return fill(wanted, name, folder); }));
  return made;
}

}  // namespace fair::launch
