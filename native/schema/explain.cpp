#include "native/schema/explain.h"

#include <algorithm>
#include <map>

#include "core/base/field.h"
#include "core/base/spelling.h"

namespace fair::schema {
namespace {

Json at(const Json& document, const std::string& pointer) {
  try {
    const Json::json_pointer where(pointer);
    return document.contains(where) ? document.at(where) : Json();
  } catch (const Json::exception&) {
    return {};
  }
}

/// The text between the first pair of that quote.
std::string quoted(const std::string& text, char quote) {
  const std::size_t start = text.find(quote);
  const std::size_t end = start == std::string::npos ? start : text.find(quote, start + 1);
  return end == std::string::npos ? std::string() : text.substr(start + 1, end - start - 1);
}

std::string words(const Json& expected) {
  std::vector<std::string> list;
  if (expected.is_string()) return expected.get<std::string>();
  for (const Json& one : expected) list.push_back(one.is_string() ? one.get<std::string>() : one.dump());
  return listed(list);
}

/// How far a branch got: reports deeper in the document come from a branch that fitted further; a wrong type or constant marks a branch that was not
/// meant.
int distance(const std::vector<const Fault*>& branch) {
  int worst = 0;
  for (const Fault* fault : branch) {
    const int depth = static_cast<int>(std::count(fault->instance.begin(), fault->instance.end(), '/'));
    const bool unmeant = fault->keyword == "type" || fault->keyword == "const";
    worst += (unmeant ? 20 : 4) - std::min(depth, 3);
  }
  return worst;
}

/// The branch of a oneOf or anyOf that a report lies in: the step after the keyword in its path.
std::string branch_of(const Fault& detail, const Fault& whole) {
  if (detail.path.compare(0, whole.path.size(), whole.path) != 0) return {};
  const std::string rest = detail.path.substr(whole.path.size());
  return rest.substr(0, rest.find('/', 1));
}

class Explainer {
 public:
  Explainer(const Json& document, std::string rule) : document_(document), rule_(std::move(rule)) {}

  void add(const Fault& fault) {
    if (fault.keyword == "allOf" && !fault.details.empty()) {
      for (const Fault& detail : fault.details) add(detail);
      return;
    }
    const bool alternatives = fault.keyword == "oneOf" || fault.keyword == "anyOf";
    if (!alternatives || fault.details.empty() || fault.message.find("matching schemas at") != std::string::npos) return add_one(fault);
    std::map<std::string, std::vector<const Fault*>> branches;
    for (const Fault& detail : fault.details) branches[branch_of(detail, fault)].push_back(&detail);
    const auto nearest_branch =
        std::min_element(branches.begin(), branches.end(), [](const auto& a, const auto& b) { return distance(a.second) < distance(b.second); });
    for (const Fault* detail : nearest_branch->second) add(*detail);
  }

  stac::Findings findings;

 private:
  void add_one(const Fault& fault) {
    const Json value = at(document_, fault.instance);
    const Json& expected = fault.expected;
    const std::string& word = fault.keyword;
    stac::Finding finding{stac::Severity::error, fault.instance, rule_, shown(value), fault.message};
    if (word == "required") {
      const std::string key = quoted(fault.message, '\'');
      finding.found = "no " + key;
      finding.hint = "add " + key;
    } else if (word == "enum") {
      const std::string near = value.is_string() ? nearest(value.get<std::string>(), texts_of(expected)) : std::string();
      finding.hint = "use one of " + words(expected) + (near.empty() ? "" : "; did you mean " + near + "?");
    } else if (word == "const") {
      finding.hint = "write " + (expected.is_null() ? "what the schema fixes" : expected.dump());
    } else if (word == "type") {
      finding.found += value.is_null() ? "" : std::string(", ") + value.type_name();
      finding.hint = "give a value of type " + words(expected);
    } else if (word == "pattern") {
      finding.hint = "write it to match " + words(expected);
    } else if (word == "minimum") {
      finding.hint = "give at least " + expected.dump();
    } else if (word == "maximum") {
      finding.hint = "give at most " + expected.dump();
    } else if (word == "exclusiveMinimum") {
      finding.hint = "give more than " + expected.dump();
    } else if (word == "exclusiveMaximum") {
      finding.hint = "give less than " + expected.dump();
    } else if (word == "minItems" || word == "minLength" || word == "minProperties") {
      finding.hint = "give at least " + expected.dump() + (word == "minLength" ? " characters" : " entries");
    } else if (word == "maxItems" || word == "maxLength" || word == "maxProperties") {
      finding.hint = "give at most " + expected.dump() + (word == "maxLength" ? " characters" : " entries");
    } else if (word == "uniqueItems") {
      finding.hint = "name each entry once";
    } else if (word == "contains") {
      const Json& wanted = member(expected, "const");
      finding.hint = wanted.is_null() ? "add the entry that the schema asks for" : "add " + wanted.dump();
    } else if (word == "additionalProperties" || word == "false") {
      finding.hint = "remove it, or spell it as the schema does";
    } else if (word == "oneOf") {
      finding.hint = "make it fit exactly one of the schema's alternatives";
    } else if (word == "anyOf") {
      finding.hint = "make it fit one of the schema's alternatives";
    } else if (word == "not") {
      finding.hint = "the schema forbids this: " + shown(expected);
    }
    const bool known = std::any_of(findings.begin(), findings.end(), [&](const stac::Finding& f) {
      return f.pointer == finding.pointer && f.found == finding.found && f.hint == finding.hint;
    });
    if (!known) findings.push_back(std::move(finding));
  }

  const Json& document_;
  std::string rule_;
};

}  // namespace

stac::Findings explain(const std::vector<Fault>& faults, const Json& document, const std::string& schema) {
  Explainer explainer(document, "schema:" + schema);
  for (const Fault& fault : faults) explainer.add(fault);
  return std::move(explainer.findings);
}

}  // namespace fair::schema
