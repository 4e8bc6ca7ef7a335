#include "native/io/coco.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include "core/base/field.h"
#include "core/base/json.h"

namespace fair::io {
namespace {

constexpr double kMostPixels = 1 << 24;

std::optional<std::int64_t> whole(const Json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  // Some writers give every number a fraction.
  if (value.is_number_float() && std::fabs(value.get<double>()) < 9e15 && value.get<double>() == std::floor(value.get<double>()))
    return static_cast<std::int64_t>(value.get<double>());
  return std::nullopt;
}

std::string shown(const Json& value) {
  const std::string text = value.is_null() ? "nothing" : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() > 80 ? text.substr(0, 77) + "..." : text;
}

class Reader {
 public:
  Reader(const Json& json, const std::string& thing) : json_(json), thing_(thing) {}

  Result<Coco> read() {
    FAIR_TRY(list("categories", [this](const Json& entry, const std::string& at) { return category(entry, at); }));
    settle_categories();
    FAIR_TRY(list("images", [this](const Json& entry, const std::string& at) { return image(entry, at); }));
    FAIR_TRY(list("annotations", [this](const Json& entry, const std::string& at) { return annotation(entry, at); }));
    return std::move(coco_);
  }

 private:
  template <class Take>
  Result<> list(const char* key, Take take) {
    const Json& entries = member(json_, key);
    if (!entries.is_array())
      return fail(Code::invalid, thing_ + "#/" + key, "an array", shown(entries), "give COCO's JSON for detection: images, annotations, categories");
    for (std::size_t i = 0; i < entries.size(); ++i) FAIR_TRY(take(entries[i], thing_ + "#/" + key + "/" + std::to_string(i)));
    return {};
  }

  Result<> category(const Json& entry, const std::string& at) {
    const auto id = whole(member(entry, "id"));
    const Json& name = member(entry, "name");
    if (!id || !name.is_string() || name.get_ref<const std::string&>().empty())
      return fail(Code::invalid, at, "a category with a whole number as id, and a name", shown(entry), "correct it");
    if (!names_.emplace(*id, name.get<std::string>()).second)
      return fail(Code::invalid, at, "an id of its own", "another category has id " + std::to_string(*id), "give every category its own id");
    return {};
  }

  void settle_categories() {
    for (const auto& [id, name] : names_) {
      places_[id] = static_cast<int>(coco_.categories.size());
      coco_.categories.push_back(name);
    }
  }

  Result<> image(const Json& entry, const std::string& at) {
    const auto id = whole(member(entry, "id"));
    const Json& file = member(entry, "file_name");
    if (!id || !file.is_string()) return fail(Code::invalid, at, "an image with a whole number as id, and a file_name", shown(entry), "correct it");
    CocoImage image;
    for (auto [key, size] : {std::pair{"width", &image.width}, std::pair{"height", &image.height}}) {
      const Json& given = member(entry, key);
      const auto pixels = whole(given);
      if (!given.is_null() && (!pixels || *pixels < 1 || *pixels > static_cast<std::int64_t>(kMostPixels)))
        return fail(Code::invalid, at + "/" + key, "the image's size in pixels", shown(given), "correct it, or leave it out");
      if (pixels) *size = static_cast<std::int32_t>(*pixels);
    }
    const std::string stem = std::filesystem::path(file.get<std::string>()).stem().string();
    if (stem.empty() || !coco_.images.emplace(stem, std::move(image)).second)
      return fail(Code::invalid, at, "a file name of its own", shown(file), "list every image once");
    if (!stems_.emplace(*id, stem).second)
      return fail(Code::invalid, at, "an id of its own", "another image has id " + std::to_string(*id), "give every image its own id");
    return {};
  }

  Result<> annotation(const Json& entry, const std::string& at) {
    const auto id = whole(member(entry, "id"));
    const std::string thing = id ? thing_ + " annotation " + std::to_string(*id) : at;
    const auto image = whole(member(entry, "image_id")), category = whole(member(entry, "category_id"));
    const auto stem = image ? stems_.find(*image) : stems_.end();
    if (stem == stems_.end())
      return fail(Code::invalid, thing, "the image_id of one of its images", shown(member(entry, "image_id")), "correct it, or list that image");
    const auto place = category ? places_.find(*category) : places_.end();
    if (place == places_.end())
      return fail(Code::invalid, thing, "the category_id of one of its categories", shown(member(entry, "category_id")),
                  "correct it, or list that category");
    if (member(entry, "iscrowd") == 1 || member(entry, "iscrowd") == true) {
      ++coco_.crowds;
      return {};
    }
    const Json& box = member(entry, "bbox");
    const bool numbers = box.is_array() && box.size() == 4 &&
                         std::all_of(box.begin(), box.end(), [](const Json& v) { return v.is_number() && std::fabs(v.get<double>()) < kMostPixels; });
    if (!numbers || !(box[2].get<double>() >= 0) || !(box[3].get<double>() >= 0))
      return fail(Code::invalid, thing, "bbox [x, y, width, height] in pixels", shown(box), "correct it");
    const double x = box[0].get<double>(), y = box[1].get<double>();
    coco_.images.at(stem->second).boxes.push_back({id.value_or(0), x, y, x + box[2].get<double>(), y + box[3].get<double>(), place->second});
    return {};
  }

  const Json& json_;
  const std::string& thing_;
  Coco coco_;
  std::map<std::int64_t, std::string> names_, stems_;
  std::map<std::int64_t, int> places_;
};

}  // namespace

bool is_coco(std::string_view text) {
  const auto json = json_from(text);
  return json && member(*json, "images").is_array() && member(*json, "annotations").is_array();
}

Result<Coco> parse_coco(std::string_view text, const std::string& thing) {
  JsonLimits limits;
  limits.max_bytes = std::size_t{256} << 20U;
  FAIR_TRY_ASSIGN(const Json json, parse_json(text, thing, limits));
  if (!json.is_object()) return fail(Code::invalid, thing, "an object with images, annotations and categories", json.type_name(), "give COCO's JSON");
  return Reader(json, thing).read();
}

}  // namespace fair::io
