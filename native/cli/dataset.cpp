#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "core/catalog/lifecycle.h"
#include "core/catalog/resolve.h"
#include "native/cli/address.h"
#include "native/cli/desk.h"
#include "native/cli/table.h"
#include "native/cli/verbs.h"
#include "native/cli/words.h"
#include "native/draw/png.h"
#include "native/io/dataset_pack.h"
#include "native/io/make_dataset.h"
#include "native/launch/dataset_picture.h"
#include "native/launch/datasets.h"
#include "native/launch/evaluation.h"
#include "native/runs/clock.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

struct MakeOptions {
  std::string task = "segmentation", chips, labels, id, title, out, holdout;
  std::string class_name = "building", classes, class_from, geometry = "polygon";
  std::string user = "anonymous";
  std::string license = "other";
  double val_ratio = 0.2, min_cover = 0.02, gsd = 0;
  std::int64_t seed = 42;
  bool add = false;
};

std::string counted(const io::LabelCounts& counts) {
  const auto n = [](std::int64_t value) { return std::to_string(value); };
  std::string out;
  if (counts.masks > 0) out += n(counts.masks) + " masks\n";
  if (counts.footprints > 0) out += n(counts.footprints) + " footprints, of which " + n(counts.outside) + " met no chip\n";
  else if (counts.outside > 0) out += n(counts.outside) + " labels of other chips left out\n";
  if (counts.touching > 0) out += n(counts.touching) + " touch another: models learn their borders too\n";
  if (counts.boxes > 0) out += n(counts.boxes) + " boxes; " + n(counts.slivers) + " left out, of which too little lies on a chip\n";
  return out;
}

/// "other,water=4,tree": each class with the value it has in masks, one more than the one before where it says none.
Result<std::vector<io::LabelClass>> classes_from(const std::string& text) {
  std::vector<io::LabelClass> out;
  int next = 0;
  for (const std::string& word : split(text)) {
    const std::size_t at = word.find('=');
    const std::string digits = at == std::string::npos ? std::to_string(next) : word.substr(at + 1);
    const bool number =
        !digits.empty() && digits.size() <= 3 && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    const io::LabelClass one{word.substr(0, at), number ? std::stoi(digits) : -1};
    const bool taken = std::any_of(out.begin(), out.end(), [&](const io::LabelClass& c) { return c.name == one.name || c.value == one.value; });
    if (one.name.empty() || one.value < 0 || one.value > 254 || taken) {
      return fail(Code::usage, "--classes", "names, or NAME=VALUE with values from 0 to 254, none of them twice", word, "as in other,water,tree=5");
    }
    out.push_back(one);
    next = one.value + 1;
  }
  if (out.size() == 1)
    return fail(Code::usage, "--classes", "two classes or more, the first what none of the others covers", text, "as in other,water");
  return out;
}

Result<Exit> make(Context& context, const MakeOptions& options) {
  io::DatasetOptions wanted;
  FAIR_TRY_ASSIGN(wanted.chips, on_this_machine(context, options.chips));
  wanted.labels.task = io::label_task_from(options.task).value_or(io::LabelTask::segmentation);
  FAIR_TRY_ASSIGN(wanted.labels.path, on_this_machine(context, options.labels));
  wanted.labels.class_name = options.class_name;
  FAIR_TRY_ASSIGN(wanted.labels.classes, classes_from(options.classes));
  wanted.labels.class_attribute = options.class_from;
  wanted.geometry = options.geometry;
  if (options.classes.empty() && !options.class_from.empty()) {
    return fail(Code::usage, "--class-from", "--classes too, the names that the attribute gives", "none", "as in --classes other,water,tree");
  }
  wanted.labels.min_cover = options.min_cover;
  wanted.id = options.id, wanted.title = options.title;
  wanted.out = options.out.empty() ? fs::path(options.id) : fs::path(options.out);
  wanted.split = {options.val_ratio, options.holdout, static_cast<std::uint64_t>(options.seed)};
  wanted.gsd = options.gsd;
  wanted.user_id = options.user;
  wanted.license = options.license;
  std::optional<Desk> desk;  // asked for first: a dataset that cannot be registered is not made
  if (options.add) {
    FAIR_TRY_ASSIGN(desk, Desk::open(context));
  }
  FAIR_TRY_ASSIGN(const auto made, io::make_dataset(wanted, runs::utc_now()));
  Json json{{"id", options.id},
            {"item", made.item.string()},
            {"pack", made.pack.string()},
            {"chips", {{"train", made.train}, {"val", made.val}, {"holdout", made.holdout}}},
            {"task", options.task},
            {"footprints", made.counts.footprints},
            {"outside", made.counts.outside},
            {"touching", made.counts.touching},
            {"masks", made.counts.masks},
            {"boxes", made.counts.boxes},
            {"slivers", made.counts.slivers},
            {"warnings", made.warnings},
            {"gsd", made.gsd},
            {"registered", options.add}};
  std::string text = options.id + ": " + std::to_string(made.train) + " chips to train on, " + std::to_string(made.val) + " to validate with, " +
                     std::to_string(made.holdout) + " held out, " + Json(std::round(made.gsd * 1000) / 1000).dump() + " m a pixel\n" +
                     counted(made.counts) + "item " + made.item.string() + "\n";
  for (const std::string& warning : made.warnings) context.say(warning);
  if (desk) {
    FAIR_TRY_ASSIGN(stac::Item item, stac::Item::from_json(made.document, made.item.string()));
    FAIR_TRY_ASSIGN(item, launch::place_dataset(desk->workspace(), std::move(item), fs::absolute(made.item).parent_path()));
    FAIR_TRY_ASSIGN(item, catalog::register_dataset(desk->catalog(), std::move(item), runs::utc_now()));
    json["version"] = item.version();
    text += "registered as version " + item.version() + "\n";
  }
  context.answer(json, text);
  return done;
}

/// A pack by its file, or a dataset of the catalogue.
Result<fs::path> pack_of(Context& context, const std::string& what) {
  std::error_code error;
  if (fs::path(what).extension() == ".pack" || fs::is_regular_file(what, error)) return fs::path(what);
  FAIR_TRY_ASSIGN(Desk desk, Desk::open(context));
  FAIR_TRY_ASSIGN(const stac::Item item, catalog::find_dataset(desk.catalog(), what));
  return launch::packed_dataset(desk.workspace(), item);
}

struct Count {
  std::int64_t chips = 0, pixels = 0;
  std::array<std::int64_t, 256> of_value{};  ///< pixels, boxes or chips of a class value
};

/// What labels are counted in.
std::string unit_of(const io::DatasetPack& pack) {
  const std::string task = pack.header().value("task", "");
  return task == io::model_task(io::LabelTask::detection) ? "boxes" : task == io::model_task(io::LabelTask::classification) ? "chips" : "pixels";
}

Count counted(const io::DatasetPack& pack, io::Part part) {
  Count out;
  const auto add = [&out](const Json& value) {
    if (value.is_number_integer() && value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() < 256) ++out.of_value[value.get<std::size_t>()];
  };
  for (const io::PackedChip& chip : pack.chips()) {
    if (chip.part != part) continue;
    ++out.chips;
    const std::size_t n = static_cast<std::size_t>(chip.width) * static_cast<std::size_t>(chip.height);
    out.pixels += static_cast<std::int64_t>(n);
    for (std::size_t i = 0; chip.mask != nullptr && i < n; ++i) ++out.of_value[chip.mask[i]];
    if (!chip.labels.is_object()) continue;
    for (const Json& box : chip.labels.value("boxes", Json::array())) {
      if (box.is_array() && box.size() == 5) add(box[4]);
    }
    add(chip.labels.value("class", Json()));
  }
  return out;
}

struct InfoOptions {
  std::string dataset, picture, split = "train";
};

Result<Exit> info(Context& context, const InfoOptions& options) {
  FAIR_TRY_ASSIGN(const fs::path path, pack_of(context, options.dataset));
  FAIR_TRY_ASSIGN(const auto pack, io::DatasetPack::open(path));
  if (!options.picture.empty()) {
    FAIR_TRY_ASSIGN(const io::Part drawn, launch::part_from(options.split));
    FAIR_TRY_ASSIGN(auto picture, launch::picture_of(*pack, drawn, {}));
    picture.title = pack->header().value("id", path.string()) + " (" + options.split + ")";
    FAIR_TRY(draw::write_png(options.picture, draw::draw_map(picture)));
  }
  const std::string unit = unit_of(*pack);
  Json json{{"pack", path.string()}, {"header", pack->header()}, {"unit", unit}, {"parts", Json::object()}};
  std::vector<std::vector<std::string>> rows;
  for (const io::Part part : {io::Part::train, io::Part::val, io::Part::holdout}) {
    const Count count = counted(*pack, part);
    Json classes = Json::object();
    std::string shown;
    for (const Json& cls : pack->header().value("classes", Json::array())) {
      const int value = cls.value("value", -1);
      if (value < 0 || value > 255 || count.chips == 0) continue;
      const std::string name = cls.value("name", std::to_string(value));
      const std::int64_t n = count.of_value[static_cast<std::size_t>(value)];
      char text[64];
      if (unit == "pixels") {
        const double share = static_cast<double>(n) / static_cast<double>(std::max<std::int64_t>(count.pixels, 1));
        classes[name] = share;
        std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
      } else {
        classes[name] = n;
        std::snprintf(text, sizeof text, "%lld", static_cast<long long>(n));
      }
      shown += (shown.empty() ? "" : ", ") + name + " " + text;
    }
    json["parts"][launch::name(part)] = {{"chips", count.chips}, {"pixels", count.pixels}, {"classes", classes}};
    rows.push_back({launch::name(part), std::to_string(count.chips), std::to_string(count.pixels), shown});
  }
  if (!options.picture.empty()) json["picture"] = options.picture;
  context.answer(json, pack->header().value("id", path.string()) + ", " + pack->header().value("gsd", Json(nullptr)).dump() + " m a pixel, " +
                           path.string() + "\n" +
                           table({"PART", "CHIPS", "PIXELS",
                                  unit == "boxes"   ? "BOXES"
                                  : unit == "chips" ? "CHIPS OF CLASS"
                                                    : "CLASSES"},
                                 rows) +
                           (options.picture.empty() ? "" : "picture " + options.picture + "\n"));
  return done;
}

Result<Exit> pack(Context& context, const std::string& what, const std::string& out) {
  FAIR_TRY_ASSIGN(const fs::path path, pack_of(context, what));
  FAIR_TRY_ASSIGN(const auto pack, io::DatasetPack::open(path));
  FAIR_TRY(io::write_pack(out, pack->header(), pack->chips()));
  context.answer({{"pack", out}, {"chips", pack->chips().size()}}, out + " holds " + std::to_string(pack->chips().size()) + " chips");
  return done;
}

}  // namespace

void add_dataset(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("dataset", "Make datasets of chips and labels, look at them, pack them");
  verb->require_subcommand(1);
  verb->footer("Example:\n  fair dataset make --task segmentation --chips chips --labels buildings.geojson --id town --register");

  CLI::App* one = verb->add_subcommand("make", "Make a dataset and its STAC item out of image chips and labels");
  auto options = std::make_shared<MakeOptions>();
  one->add_option("--task", options->task, "What the labels are for")
      ->capture_default_str()
      ->check(CLI::IsMember({"segmentation", "detection", "classification"}));
  one->add_option("--chips", options->chips, "Folder of georeferenced images, or images named by their tile")->required()->type_name("DIR");
  one->add_option("--labels", options->labels,
                  "Footprints as GeoJSON or another vector file; or a folder of masks, COCO JSON (detection), a CSV of classes (classification)")
      ->required()
      ->type_name("FILE|DIR");
  one->add_option("--id", options->id, "The dataset's id")->required()->type_name("ID");
  one->add_option("--title", options->title, "Its title; versions are matched by it; the id where it is left out");
  one->add_option("--val-ratio", options->val_ratio, "Share of the chips to validate with")->capture_default_str()->check(CLI::Range(0.01, 0.9));
  one->add_option("--holdout", options->holdout, "Chips that training never sees, by name, with * and ?")->type_name("GLOB");
  one->add_option("--class", options->class_name, "What is labelled, and the item's keyword; of two classes in a CSV the positive one")
      ->capture_default_str();
  one->add_option("--classes", options->classes,
                  "Segmentation into several classes: their names as the model's, the first what none of the others covers; in masks they have the "
                  "values 0, 1, 2 … or those given")
      ->type_name("NAME[=VALUE],…");
  one->add_option("--class-from", options->class_from,
                  "The attribute of footprints that names the class of each; of two that overlap the later counts")
      ->type_name("ATTRIBUTE");
  one->add_option("--geometry", options->geometry, "The item's keyword for what goes on the map; the model must have the same")
      ->capture_default_str()
      ->check(CLI::IsMember({"polygon", "line", "point"}));
  one->add_option("--min-cover", options->min_cover, "Classification from footprints: a chip shows the class when more of it is covered")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  one->add_option("--gsd", options->gsd,
                  "Average chips that are finer to this many metres a pixel: what models learn at, and what they resample imagery to; half the "
                  "resolution trains on four times the ground in the same time")
      ->check(CLI::Range(0.001, 1000.0))
      ->type_name("METRES");
  one->add_option("--user", options->user, "Who made the labels")->capture_default_str();
  one->add_option("--license", options->license, "Of labels and imagery together (SPDX, e.g. ODbL-1.0); models made from it inherit its conditions")
      ->capture_default_str()
      ->type_name("ID");
  one->add_option("--seed", options->seed, "Seed of the split")->capture_default_str()->check(CLI::NonNegativeNumber);
  one->add_option("--out", options->out, "Folder to write to; named as the id where it is left out")->type_name("DIR");
  one->add_flag("--register", options->add, "Put it into the catalogue at once");
  one->footer("Example:\n  fair dataset make --task segmentation --chips oam --labels osm.geojson --id banepa --holdout 'OAM-386694-*' --register");
  context.on(one, [options](Context& c) { return make(c, *options); });

  auto what = std::make_shared<std::string>(), out = std::make_shared<std::string>();
  CLI::App* look = verb->add_subcommand("info", "Chips and classes of a dataset, by part");
  auto looking = std::make_shared<InfoOptions>();
  look->add_option("dataset", looking->dataset, "A dataset of the catalogue, or a dataset.pack")->required()->type_name("ID|PACK");
  look->add_option("--picture", looking->picture, "PNG of a part's chips with the outlines of their labels")->type_name("FILE");
  look->add_option("--split", looking->split, "The part to draw: train, val or holdout")
      ->capture_default_str()
      ->check(CLI::IsMember({"train", "val", "holdout"}));
  context.on(look, [looking](Context& c) { return info(c, *looking); });

  CLI::App* packing = verb->add_subcommand("pack", "Write a dataset as one file that trains on any machine");
  packing->add_option("dataset", *what, "A dataset of the catalogue, or a dataset.pack")->required()->type_name("ID|PACK");
  packing->add_option("--out", *out, "The file to write")->required()->type_name("FILE");
  context.on(packing, [what, out](Context& c) { return pack(c, *what, *out); });
}

}  // namespace fair::cli
