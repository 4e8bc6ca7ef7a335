#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>

#include "core/catalog/lifecycle.h"
#include "core/catalog/resolve.h"
#include "native/cli/desk.h"
#include "native/cli/table.h"
#include "native/cli/verbs.h"
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
  std::string class_name = "building";
  std::string user = "anonymous";
  double val_ratio = 0.2;
  std::int64_t seed = 42;
  bool add = false;
};

Result<Exit> make(Context& context, const MakeOptions& options) {
  io::DatasetOptions wanted;
  wanted.chips = options.chips, wanted.labels = options.labels;
  wanted.id = options.id, wanted.title = options.title;
  wanted.out = options.out.empty() ? fs::path(options.id) : fs::path(options.out);
  wanted.val_ratio = options.val_ratio;
  wanted.holdout = options.holdout;
  wanted.seed = static_cast<std::uint64_t>(options.seed);
  wanted.class_name = options.class_name;
  wanted.user_id = options.user;
  std::optional<Desk> desk;  // asked for first: a dataset that cannot be registered is not made
  if (options.add) {
    FAIR_TRY_ASSIGN(desk, Desk::open(context));
  }
  FAIR_TRY_ASSIGN(const auto made, io::make_dataset(wanted, runs::utc_now()));
  Json json{{"id", options.id},
            {"item", made.item.string()},
            {"pack", made.pack.string()},
            {"chips", {{"train", made.train}, {"val", made.val}, {"holdout", made.holdout}}},
            {"footprints", made.footprints},
            {"outside", made.outside},
            {"masks", made.masks},
            {"gsd", made.gsd},
            {"registered", options.add}};
  std::string text = options.id + ": " + std::to_string(made.train) + " chips to train on, " + std::to_string(made.val) + " to validate with, " +
                     std::to_string(made.holdout) + " held out\n" +
                     (made.masks > 0 ? std::to_string(made.masks) + " masks"
                                     : std::to_string(made.footprints) + " footprints, of which " + std::to_string(made.outside) + " met no chip") +
                     "\nitem " + made.item.string() + "\n";
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
  struct Count {
    std::int64_t chips = 0, pixels = 0;
    std::array<std::int64_t, 256> of_value{};
  };
  std::array<Count, 3> parts;
  for (const io::PackedChip& chip : pack->chips()) {
    Count& part = parts[static_cast<std::size_t>(chip.part)];
    ++part.chips;
    const std::size_t n = static_cast<std::size_t>(chip.width) * static_cast<std::size_t>(chip.height);
    part.pixels += static_cast<std::int64_t>(n);
    for (std::size_t i = 0; chip.mask != nullptr && i < n; ++i) ++part.of_value[chip.mask[i]];
  }
  Json json{{"pack", path.string()}, {"header", pack->header()}, {"parts", Json::object()}};
  std::vector<std::vector<std::string>> rows;
  for (const io::Part part : {io::Part::train, io::Part::val, io::Part::holdout}) {
    const Count& count = parts[static_cast<std::size_t>(part)];
    Json shares = Json::object();
    std::string shown;
    for (const Json& cls : pack->header().value("classes", Json::array())) {
      const int value = cls.value("value", -1);
      if (value < 0 || value > 255 || count.pixels == 0) continue;
      const double share = static_cast<double>(count.of_value[static_cast<std::size_t>(value)]) / static_cast<double>(count.pixels);
      shares[cls.value("name", std::to_string(value))] = share;
      char text[64];
      std::snprintf(text, sizeof text, "%s %.1f %%", cls.value("name", std::to_string(value)).c_str(), 100 * share);
      shown += (shown.empty() ? "" : ", ") + std::string(text);
    }
    json["parts"][launch::name(part)] = {{"chips", count.chips}, {"pixels", count.pixels}, {"classes", shares}};
    rows.push_back({launch::name(part), std::to_string(count.chips), std::to_string(count.pixels), shown});
  }
  if (!options.picture.empty()) json["picture"] = options.picture;
  context.answer(json, pack->header().value("id", path.string()) + ", " + pack->header().value("gsd", Json(nullptr)).dump() + " m a pixel, " +
                           path.string() + "\n" + table({"PART", "CHIPS", "PIXELS", "CLASSES"}, rows) +
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
  one->add_option("--task", options->task, "What the labels are for")->capture_default_str()->check(CLI::IsMember({"segmentation"}));
  one->add_option("--chips", options->chips, "Folder of georeferenced images, or images named by their tile")->required()->type_name("DIR");
  one->add_option("--labels", options->labels, "Footprints as GeoJSON or another vector file, or a folder of masks")
      ->required()
      ->type_name("FILE|DIR");
  one->add_option("--id", options->id, "The dataset's id")->required()->type_name("ID");
  one->add_option("--title", options->title, "Its title; versions are matched by it; the id where it is left out");
  one->add_option("--val-ratio", options->val_ratio, "Share of the chips to validate with")->capture_default_str()->check(CLI::Range(0.01, 0.9));
  one->add_option("--holdout", options->holdout, "Chips that training never sees, by name, with * and ?")->type_name("GLOB");
  one->add_option("--class", options->class_name, "What the footprints are")->capture_default_str();
  one->add_option("--user", options->user, "Who made the labels")->capture_default_str();
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
