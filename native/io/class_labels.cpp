#include "native/io/class_labels.h"

#include <algorithm>
#include <set>
#include <utility>

#include "native/io/atomic_file.h"
#include "native/io/class_table.h"
#include "native/io/labels.h"

namespace fair::io {
namespace {

bool means_none(const std::string& name) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower == "background" || lower == "none" || lower == "no" || lower.rfind("no_", 0) == 0 || lower.rfind("no-", 0) == 0 ||
         lower.rfind("no ", 0) == 0 || lower.rfind("not_", 0) == 0 || lower.rfind("non", 0) == 0;
}

std::vector<LabelClass> numbered(const std::set<std::string>& names, const std::string& positive) {
  std::vector<std::string> order(names.begin(), names.end());
  const bool two = order.size() == 2;
  const bool named = two && names.count(positive) != 0;
  std::stable_sort(order.begin(), order.end(), [&](const std::string& a, const std::string& b) {
    if (named) return a != positive && b == positive;
    return means_none(a) && !means_none(b);
  });
  std::vector<LabelClass> out;
  for (std::string& name : order) out.push_back({std::move(name), static_cast<int>(out.size())});
  return out;
}

/// A model that has only seen one class says that class everywhere.
Result<> two_classes_or_more(const std::vector<ChipLabel>& all, const std::vector<LabelClass>& classes, const std::string& thing,
                             const std::string& hint) {
  std::set<int> seen;
  for (const ChipLabel& label : all) seen.insert(label.labels.at("class").get<int>());
  if (seen.size() >= 2) return {};
  const int only = seen.empty() ? 0 : *seen.begin();
  const auto found = std::find_if(classes.begin(), classes.end(), [&](const LabelClass& c) { return c.value == only; });
  return fail(Code::invalid, thing, "chips of two classes or more",
              "a single class: all " + std::to_string(all.size()) + " chips are " + (found == classes.end() ? "unlabelled" : found->name), hint);
}

class TableClasses final : public ChipLabels {
 public:
  TableClasses(LabelSource source, ClassTable table) : source_(std::move(source)), table_(std::move(table)) {
    std::set<std::string> names;
    for (const auto& [stem, row] : table_) names.insert(row.class_name);
    classes_ = numbered(names, source_.class_name);
  }

  Result<ChipLabel> of(const Chip& chip, const raster::Image&) override {
    const auto found = table_.find(chip.name);
    if (found == table_.end()) {
      return fail(Code::not_found, source_.path.string(), "a row " + chip.name + " for every chip", "none for that chip",
                  "add the row, or take the chip out of the folder");
    }
    asked_.insert(chip.name);
    const auto cls = std::find_if(classes_.begin(), classes_.end(), [&](const LabelClass& c) { return c.name == found->second.class_name; });
    ChipLabel out;
    out.labels["class"] = cls->value;
    return out;
  }
  Result<> settle(std::vector<ChipLabel>& all) const override {
    return two_classes_or_more(all, classes_, source_.path.string(), "label chips of another class too, those that show nothing for one");
  }
  [[nodiscard]] std::vector<LabelClass> classes() const override { return classes_; }
  [[nodiscard]] LabelWords words() const override {
    std::vector<std::string> names;
    for (const LabelClass& c : classes_) names.push_back(c.name);
    return {"raster", "classes", "text/csv", names};
  }
  [[nodiscard]] LabelCounts counts() const override {
    LabelCounts out;
    out.outside = static_cast<std::int64_t>(table_.size() - asked_.size());
    return out;
  }

 private:
  LabelSource source_;
  ClassTable table_;
  std::vector<LabelClass> classes_;
  std::set<std::string> asked_;
};

class CoverClasses final : public ChipLabels {
 public:
  CoverClasses(LabelSource source, Footprints footprints) : source_(std::move(source)), reach_(std::move(footprints)) {}

  Result<ChipLabel> of(const Chip& chip, const raster::Image& image) override {
    std::vector<std::uint8_t> mask;
    met_ += burn(reach_.on(chip), chip, mask);
    std::int64_t seen = 0, covered = 0;
    for (std::size_t i = 0; i < mask.size(); ++i) {
      if (!image.valid.empty() && image.valid[i] == 0) continue;
      ++seen;
      covered += mask[i] != 0 ? 1 : 0;
    }
    ChipLabel out;
    out.labels["class"] = seen > 0 && static_cast<double>(covered) > source_.min_cover * static_cast<double>(seen) ? 1 : 0;
    return out;
  }
  Result<> settle(std::vector<ChipLabel>& all) const override {
    if (met_ == 0) return fail(reach_.none_met(source_.path));
    return two_classes_or_more(all, classes(), source_.path.string(),
                               "add chips of the other kind, or say with --min-cover which share of a chip has to be covered");
  }
  [[nodiscard]] std::vector<LabelClass> classes() const override { return {{"no_" + source_.class_name, 0}, {source_.class_name, 1}}; }
  [[nodiscard]] LabelWords words() const override {
    LabelWords out{"vector", "classes", "application/geo+json", {"no_" + source_.class_name, source_.class_name}};
    out.properties[min_cover_property] = source_.min_cover;
    return out;
  }
  [[nodiscard]] LabelCounts counts() const override {
    LabelCounts out;
    out.footprints = reach_.count(), out.outside = reach_.outside();
    return out;
  }

 private:
  LabelSource source_;
  FootprintReach reach_;
  std::int64_t met_ = 0;
};

}  // namespace

Result<std::unique_ptr<ChipLabels>> open_class_labels(const LabelSource& source) {
  const std::string ending = source.path.extension().string();
  if (ending == ".csv" || ending == ".CSV" || ending == ".tsv" || ending == ".txt") {
    FAIR_TRY_ASSIGN(const std::string text, read_whole(source.path));
    FAIR_TRY_ASSIGN(ClassTable table, parse_class_table(text, source.path.string()));
    return std::unique_ptr<ChipLabels>(std::make_unique<TableClasses>(source, std::move(table)));
  }
  FAIR_TRY_ASSIGN(Footprints footprints, read_footprints(source.path));
  return std::unique_ptr<ChipLabels>(std::make_unique<CoverClasses>(source, std::move(footprints)));
}

}  // namespace fair::io
