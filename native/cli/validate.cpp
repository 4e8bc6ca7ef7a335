#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>

#include "core/stac/rules.h"
#include "native/cli/address.h"
#include "native/cli/findings.h"
#include "native/cli/verbs.h"
#include "native/io/atomic_file.h"
#include "native/schema/validator.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

struct Options {
  std::vector<std::string> paths;
  std::string schemas;
  bool offline = false, published = false;
};

/// The JSON documents a path means: itself, or all below a folder, sorted.
Result<std::vector<fs::path>> documents_at(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    return fail(Code::not_found, path.string(), "a STAC document or a folder of them", "no such file or folder", "check the path");
  if (!fs::is_directory(path, error)) return std::vector{path};
  std::vector<fs::path> out;
  for (auto at = fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied, error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (at->is_regular_file(error) && at->path().extension() == ".json" && at->path().filename().string().front() != '.') out.push_back(at->path());
  }
  if (error) return fail(Code::io, path.string(), "a folder that can be read", error.message());
  if (out.empty())
    return fail(Code::not_found, path.string(), "at least one .json file in the folder", "none", "name a STAC item, collection or catalogue");
  std::sort(out.begin(), out.end());
  return out;
}

/// Schemas that could not be had are told once, not once a document.
bool is_missing_schema(const stac::Finding& f) { return f.severity == stac::Severity::warning && f.rule.rfind("schema:", 0) == 0; }

stac::Findings check(const fs::path& path, schema::Validator& validator, const Options& options) {
  const auto unreadable = [](const Error& error) {
    return stac::Findings{{stac::Severity::error, "", "json", error.found, error.hint.empty() ? "expected " + error.expected : error.hint}};
  };
  const auto text = io::read_whole(path, JsonLimits{}.max_bytes + 1);
  if (!text) return unreadable(text.error());
  const auto document = parse_json(*text, path.string());
  if (!document) return unreadable(document.error());
  stac::Findings findings = validator.validate(*document);
  stac::RuleOptions rules;
  rules.published = options.published;
  for (stac::Finding& f : stac::validate_document(*document, rules)) findings.push_back(std::move(f));
  return findings;
}

Result<Exit> run(Context& context, const Options& options) {
  schema::Options where;
  where.schemas = options.schemas;
  where.cache = schema::default_cache();
  where.download = !options.offline;
  schema::Validator validator(where);
  Json documents = Json::array();
  std::map<std::string, std::string> missing;  // schema, why
  std::string text;
  std::size_t errors = 0, warnings = 0, count = 0;
  for (const std::string& given : options.paths) {
    FAIR_TRY_ASSIGN(const fs::path here, on_this_machine(context, given));
    FAIR_TRY_ASSIGN(const auto paths, documents_at(here));
    for (const fs::path& path : paths) {
      stac::Findings findings = check(path, validator, options);
      const auto wrong = static_cast<std::size_t>(
          std::count_if(findings.begin(), findings.end(), [](const stac::Finding& f) { return f.severity == stac::Severity::error; }));
      errors += wrong, ++count;
      documents.push_back({{"path", path.string()}, {"valid", wrong == 0}, {"findings", json_of(findings)}});
      for (const stac::Finding& f : findings) {
        if (is_missing_schema(f)) missing.emplace(f.rule.substr(7), f.found);
      }
      findings.erase(std::remove_if(findings.begin(), findings.end(), is_missing_schema), findings.end());
      warnings += findings.size() - wrong;
      text += path.string() + (wrong != 0 ? ": invalid\n" : findings.empty() ? ": valid\n" : ": valid, with warnings\n") + text_of(findings);
    }
  }
  if (!missing.empty()) {
    text += "Not checked against " + std::to_string(missing.size()) + (missing.size() == 1 ? " schema" : " schemas") + " that could not be had (" +
            missing.begin()->second + "). Go online, or give a folder of schemas with --schemas:\n";
    for (const auto& [address, why] : missing) text += "  " + address + "\n";
  }
  text += std::to_string(count) + (count == 1 ? " document, " : " documents, ") + std::to_string(errors) + (errors == 1 ? " error, " : " errors, ") +
          std::to_string(warnings) + (warnings == 1 ? " warning" : " warnings");
  Json unchecked = Json::array();
  for (const auto& [address, why] : missing) unchecked.push_back(address);
  context.answer({{"valid", errors == 0},
                  {"errors", errors},
                  {"warnings", warnings},
                  {"schemas_missing", std::move(unchecked)},
                  {"documents", std::move(documents)}},
                 text);
  return errors == 0 ? done : findings;
}

}  // namespace

void add_validate(CLI::App& app, Context& context) {
  CLI::App* verb = app.add_subcommand("validate", "Check STAC documents against their schemas and fAIr's rules, all findings at once");
  verb->footer(
      "Schemas come from --schemas, then the cache, then the network; without them the rest is checked and a warning says so.\n"
      "Example:\n  fair validate item.json --schemas schemas");
  auto options = std::make_shared<Options>();
  verb->add_option("path", options->paths, "STAC items, collections, catalogues, or folders of them; s3:// and http(s) addresses too")
      ->required()
      ->type_name("PATH");
  verb->add_option("--schemas", options->schemas, "Folder of schemas, laid out as HOST/PATH")->check(CLI::ExistingDirectory)->type_name("DIR");
  verb->add_flag("--offline", options->offline, "Do not download schemas");
  verb->add_flag("--published", options->published, "Ask for what published items need beyond that");
  context.on(verb, [options](Context& c) { return run(c, *options); });
}

}  // namespace fair::cli
