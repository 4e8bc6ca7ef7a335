#include "native/stack/stack.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include "core/base/spelling.h"
#include "native/io/variable.h"

namespace fair::stack {
namespace fs = std::filesystem;
namespace {

struct Kind {
  const char* name;
  std::vector<std::string> needed, possible;
};
struct Part {
  const char* name;
  std::vector<Kind> kinds;
};

const std::vector<Part>& parts() {
  static const std::vector<Part> all{
      {"catalog", {{"files", {}, {}}, {"stac-api", {"url"}, {"token_env", "token_file", "user", "password_env", "password_file"}}}},
      {"versions", {{"sqlite", {}, {}}, {"zenml", {"url"}, {"project", "user", "password_env", "password_file", "api_key_env", "api_key_file"}}}},
      {"images", {{"local", {}, {}}, {"registry", {"host"}, {"prefix", "insecure", "user", "password_env", "password_file"}}}},
      {"tracker", {{"files", {}, {}}, {"mlflow", {"url"}, {"token_env", "token_file", "user", "password_env", "password_file"}}}},
      {"launcher",
       {{"process", {}, {}},
        {"kubernetes", {"image"}, {"kubeconfig", "context", "namespace", "ranks", "retries", "secret", "service_account", "artifacts_endpoint"}}}},
      {"artifacts", {{"folder", {}, {}}, {"s3", {"bucket"}, {"prefix", "endpoint", "region", "profile", "base", "path_style", "part_megabytes"}}}},
  };
  return all;
}

/// Collects what is wrong, with its line.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  void wrong(const toml::node& at, const std::string& what) {
    faults_ += (faults_.empty() ? "" : "; ") + std::string("line ") + std::to_string(at.source().begin.line) + ": " + what;
  }

  std::string text(const toml::node& node, const std::string& what) {
    if (const auto value = node.value<std::string>(); value && node.is_string()) return *value;
    if (const auto value = node.value<bool>(); value && node.is_boolean()) return *value ? "true" : "false";
    if (const auto value = node.value<std::int64_t>(); value && node.is_integer()) return std::to_string(*value);
    wrong(node, what + " must be a text, a whole number, true or false");
    return {};
  }

  Component component(const toml::node& node, const Part& part, const std::string& where) {
    Component out;
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      wrong(node, where + " must be a table with a kind");
      return out;
    }
    std::vector<std::string> kinds;
    for (const Kind& kind : part.kinds) kinds.emplace_back(kind.name);
    const toml::node* kind_node = table->get("kind");
    out.kind = kind_node == nullptr ? "" : text(*kind_node, where + ".kind");
    const auto kind = std::find_if(part.kinds.begin(), part.kinds.end(), [&](const Kind& k) { return out.kind == k.name; });
    if (kind == part.kinds.end()) {
      wrong(kind_node == nullptr ? node : *kind_node,
            where + ".kind must be one of " + listed(kinds) + (out.kind.empty() ? "; there is none" : ", not " + out.kind));
      return out;
    }
    std::vector<std::string> known = kind->needed;
    known.insert(known.end(), kind->possible.begin(), kind->possible.end());
    for (const auto& [key, value] : *table) {
      const std::string name(key.str());
      if (name == "kind") continue;
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        const std::string near = nearest(name, known);
        wrong(value, where + " has no setting " + name + (near.empty() ? "; it has " + listed(known) : "; did you mean " + near + "?"));
        continue;
      }
      out.settings[name] = text(value, where + "." + name);
    }
    for (const std::string& name : kind->needed) {
      if (out.settings[name].empty()) wrong(node, where + " of kind " + out.kind + " needs " + name);
    }
    return out;
  }

  [[nodiscard]] Result<> result() const {
    if (faults_.empty()) return {};
    return fail(Code::usage, file_, "stacks as the README describes them", faults_, "correct it");
  }

 private:
  std::string file_, faults_;
};

std::optional<fs::path> find_file(const fs::path& workspace) {
  std::error_code error;
  if (const std::string given = io::variable("FAIR_CONFIG"); !given.empty()) return given;
  const std::string home = io::variable("XDG_CONFIG_HOME").empty() ? io::variable("HOME") + "/.config" : io::variable("XDG_CONFIG_HOME");
  for (const fs::path& path : {fs::path("fair.toml"), workspace / "fair.toml", fs::path(home) / "fair-edge" / "fair.toml"}) {
    if (fs::is_regular_file(path, error)) return fs::absolute(path).lexically_normal();
  }
  return std::nullopt;
}

}  // namespace

const Component& Stack::part(const std::string& word) const { return parts.at(word); }

std::string Component::get(const std::string& key, const std::string& otherwise) const {
  const auto found = settings.find(key);
  return found == settings.end() || found->second.empty() ? otherwise : found->second;
}

Result<Configuration> read_configuration(const fs::path& workspace) {
  Configuration out;
  out.stacks.emplace_back();
  const auto file = find_file(workspace);
  if (!file) return out;
  out.file = *file;
  std::ifstream in(*file);
  if (!in) return fail(Code::not_found, file->string(), "a file that can be read", "none", "correct FAIR_CONFIG, or its permissions");
  const std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  Reader reader(file->string());
  toml::table document;
  try {
    document = toml::parse(content);
  } catch (const toml::parse_error& error) {
    return fail(Code::invalid, file->string() + ":" + std::to_string(error.source().begin.line), "TOML", std::string(error.description()),
                "correct it");
  }
  for (const auto& [key, value] : document) {
    if (key == "default") {
      out.preferred = reader.text(value, "default");
      continue;
    }
    const toml::table* stacks = key == "stack" ? value.as_table() : nullptr;
    if (stacks == nullptr) {
      reader.wrong(value, "expected `default = \"NAME\"` and [stack.NAME.PART] tables, found " + std::string(key.str()));
      continue;
    }
    for (const auto& [name, parts_node] : *stacks) {
      Stack stack;
      stack.name = name.str();
      stack.file = *file;
      if (stack.name == "local") reader.wrong(parts_node, "local is the built-in stack: give this one another name");
      const toml::table* table = parts_node.as_table();
      if (table == nullptr) {
        reader.wrong(parts_node, "stack." + stack.name + " must be a table");
        continue;
      }
      for (const auto& [part_name, node] : *table) {
        const auto part =
            std::find_if(parts().begin(), parts().end(), [&, name = std::string(part_name.str())](const Part& p) { return name == p.name; });
        const std::string where = "stack." + stack.name + "." + std::string(part_name.str());
        if (part == parts().end()) {
          std::vector<std::string> all;
          for (const Part& p : parts()) all.emplace_back(p.name);
          reader.wrong(node, where + " is no part of a stack; parts are " + listed(all));
          continue;
        }
        Component component = reader.component(node, *part, where);
        stack.parts[part->name] = std::move(component);
      }
      out.stacks.push_back(std::move(stack));
    }
  }
  FAIR_TRY(reader.result());
  return out;
}

Result<Stack> choose(const Configuration& configuration, const std::string& given) {
  std::string name = given.empty() ? io::variable("FAIR_STACK") : given;
  if (name.empty()) name = configuration.preferred;
  std::vector<std::string> names;
  for (const Stack& stack : configuration.stacks) {
    if (stack.name == name) return stack;
    names.push_back(stack.name);
  }
  const std::string near = nearest(name, names);
  return fail(Code::not_found, "stack " + name, "one of " + listed(names), "none of that name",
              !near.empty()                ? "did you mean " + near + "?"
              : configuration.file.empty() ? "write fair.toml with [stack." + name + ".catalog] and so on"
                                           : "see " + configuration.file.string());
}

Result<std::string> secret(const Component& component, const std::string& key) {
  if (const std::string name = component.get(key + "_env"); !name.empty()) {
    const std::string value = io::variable(name.c_str());
    if (value.empty())
      return fail(Code::usage, key + "_env", "a variable " + name + " with the " + key, "none is set", "set it, or use " + key + "_file");
    return value;
  }
  if (const std::string path = component.get(key + "_file"); !path.empty()) {
    std::ifstream in(path);
    std::string value((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
    if (value.empty()) return fail(Code::usage, key + "_file", "a file with the " + key, "nothing in " + path, "write it, readable for you alone");
    return value;
  }
  return std::string();
}

}  // namespace fair::stack
