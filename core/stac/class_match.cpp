#include "core/stac/class_match.h"

#include <algorithm>

#include "core/base/field.h"

namespace fair::stac {

std::map<int, std::int64_t> places_of(const Json& labelled, const std::vector<Class>& classes) {
  std::map<int, std::int64_t> by_name, by_value;
  for (std::size_t c = 0; c < classes.size(); ++c) by_value[classes[c].value] = static_cast<std::int64_t>(c);
  if (!labelled.is_array() || labelled.empty()) return by_value;
  for (const Json& entry : labelled) {
    const std::string name = text_of(member(entry, "name"));
    const Json& value = member(entry, "value");
    const auto found = std::find_if(classes.begin(), classes.end(), [&](const Class& c) { return c.name == name; });
    if (found == classes.end() || !value.is_number_integer()) return by_value;
    by_name[value.get<int>()] = found - classes.begin();
  }
  return by_name;
}

}  // namespace fair::stac
