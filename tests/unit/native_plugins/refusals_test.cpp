// What a person is told of every broken plugin, word for word: refusals.json holds the sentences, by form. FAIR_UPDATE_GOLDEN=1 writes them anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "core/plugin/conformance.h"
#include "native/plugins/open.h"
#include "native/plugins/static_form.h"
#include "native/plugins/verify.h"
#include "tests/unit/native_io/scratch.h"
#include "tests/unit/native_plugins/fixture_manifest.h"

namespace fair::plugins {
namespace {
namespace fs = std::filesystem;

using Change = std::function<void(Json&, const fs::path&)>;

/// Names of this machine and of one run become words.
std::string plain(std::string text, const fs::path& folder) {
  const auto swap = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  };
  swap(folder.string() + "/", "");
  swap(platform(), "PLATFORM");
  // Linkers differ in their words.
  if (const auto at = text.find("links, found "); at != std::string::npos) text.replace(at + 13, text.find(';') - at - 13, "WHAT THE LINKER SAYS");
  for (std::size_t at = text.find("sha256 "); at != std::string::npos; at = text.find("sha256 ", at + 1)) {
    if (text.find_first_not_of("0123456789abcdef", at + 7) >= at + 71) text.replace(at + 7, 64, "…");
  }
  for (std::size_t at = text.find("found "); at != std::string::npos; at = text.find("found ", at + 1)) {
    if (text.size() >= at + 70 && text.find_first_not_of("0123456789abcdef", at + 6) >= at + 70) text.replace(at + 6, 64, "…");
  }
  return text;
}

std::string first_fault(const Result<plugin::LoadedPlugin>& opened) {
  if (!opened) return opened.error().message();
  const auto conformance = check_conformance(*opened, *plugin::example_spec(opened->description()));
  return conformance.faults.empty() ? "accepted" : conformance.faults.front();
}

std::string refused_shared(const std::string& name, const Change& change) {
  const test::Scratch scratch;
  const fs::path binary = scratch / (name + ".so"), manifest = scratch / (name + ".plugin.json");
  fs::copy_file(fs::path(FIXTURES) / (name + ".so"), binary);
  Json json = test_support::fixture_manifest(name, binary);
  if (change) change(json, binary);
  test::spill(manifest, json.is_string() ? json.get<std::string>() : json.dump());
  const auto found = find_at(manifest);
  if (!found) return plain(found.error().message(), scratch.path());
  const auto opened = open(*found);
  if (opened) {
    const auto lies = plugin::disagreements(found->manifest, opened->description());
    if (!lies.empty()) return plain(lies.front() + "; " + plugin::disagreement_hint, scratch.path());
  }
  return plain(first_fault(opened), scratch.path());
}

/// Linked and opened as `fair plugins check` does it, held against what the description beside its sources says.
std::string refused_static(const std::string& name, const Change& change) {
  const test::Scratch scratch;
  const fs::path archive = scratch / (name + ".a");
  fs::copy_file(fs::path(FIXTURES) / (name + ".a"), archive);
  Json json = test_support::fixture_manifest(name, archive);
  if (change) change(json, archive);
  const std::string text = json.is_string() ? json.get<std::string>() : json.dump();
  const auto manifest = [&]() -> Result<plugin::Manifest> {
    FAIR_TRY_ASSIGN(const Json read, parse_json(text, "description.json"));
    return plugin::Manifest::from_json(read, "description.json");
  }();
  if (!manifest) return manifest.error().message();
  if (const auto fits = plugin::check_contract(manifest->abi_major, manifest->abi_minor, "description.json"); !fits) return fits.error().message();
  const auto opened = open_static(archive, name, COMPILER);
  if (opened) {
    const auto lies = plugin::disagreements(*manifest, opened->description());
    if (!lies.empty()) return lies.front() + "; " + plugin::disagreement_hint;
  }
  return plain(first_fault(opened), scratch.path());
}

struct Case {
  const char* what;
  const char* fixture;
  Change change;
  bool of_archives = true;  ///< false: nobody loads an archive by a manifest, so what only that can get wrong is no matter of the static form
};

const std::vector<Case>& cases() {
  const auto set = [](const char* key, Json value) { return [key, value](Json& json, const fs::path&) { json[key] = value; }; };
  const auto without_code = [](const char* post, const char* loss) {
    return [post, loss](Json& json, const fs::path&) {
      json["code"] = "none";
      json["core"] = {{"preprocess", "pixels"}, {"postprocess", post}};
      json["training"] = {{"losses", {loss}}};
    };
  };
  static const std::vector<Case> all{
      {"It was built against an older major of the contract", "older_major", nullptr},
      {"It was built against a newer minor of the contract", "newer_minor", nullptr},
      {"Its table is too short", "short_struct", nullptr},
      {"It exports no symbol of its name", "no_symbol", nullptr},
      {"It throws in create", "throws", nullptr},
      {"Its result has a wrong shape", "wrong_shape", nullptr},
      {"It does not follow the rows of padded images", "ignores_stride", nullptr},
      {"Its manifest names an older major", "good", set("abi", "0.9")},
      {"Its manifest names a newer minor", "good", set("abi", "1.7")},
      {"Its manifest names no contract", "good", set("abi", 1)},
      {"It was built for another platform", "good", set("platform", "linux-m68k"), false},
      {"Its manifest names no platform", "good", set("platform", nullptr), false},
      {"Its manifest lies about the version", "good", set("version", "2")},
      {"Its manifest lies about the tasks", "good", set("tasks", {"classification"})},
      {"Its manifest lists no tasks", "good", set("tasks", Json::array())},
      {"Its name cannot be a symbol's", "good", set("name", "Good Plugin")},
      {"Its manifest points elsewhere", "good", set("binary", "../../lib/evil.so"), false},
      {"The binary is damaged", "good", [](Json&, const fs::path& binary) { fs::resize_file(binary, fs::file_size(binary) / 2); }},
      {"The binary is missing", "good", [](Json&, const fs::path& binary) { fs::remove(binary); }, false},
      {"The binary is something else", "good", [](Json&, const fs::path& binary) { test::spill(binary, "#!/bin/sh\n"); }},
      {"The manifest is no JSON", "good", [](Json& json, const fs::path&) { json = "{\"name\":"; }},
      {"Without code: it chooses a postprocessing that core lacks", "good", without_code("magic", "DiceLoss")},
      {"Without code: it chooses a loss that core lacks", "good", without_code("scores", "MagicLoss")},
      {"Without code: its task gives no such result", "good", without_code("boxes", "TaskAlignedDetection")}};
  return all;
}

TEST(Refusals, AreSentencesThatAStrangerUnderstandsWordForWord) {
  const fs::path path = fs::path(FAIR_SOURCE_DIR) / "tests/unit/native_plugins/refusals.json";
  const auto golden = json_from(test::slurp(path));
  ASSERT_TRUE(golden);
  Json now = Json::object();
  for (const Case& one : cases()) {
    Json forms = Json::object();
    forms["shared"] = refused_shared(one.fixture, one.change);
    if (one.of_archives) forms["static"] = refused_static(one.fixture, one.change);
    // The browsers' form is held against its sentence by tests/wasm/bad_plugins/refusals.mjs.
    if (golden->contains(one.what) && (*golden)[one.what].contains("wasm")) forms["wasm"] = (*golden)[one.what]["wasm"];
    for (const auto& [form, said] : forms.items()) {
      EXPECT_NE(said, "accepted") << one.what << ", " << form;
      EXPECT_GT(said.get<std::string>().size(), 30U) << one.what << ", " << form;
    }
    now[one.what] = forms;
  }
  if (std::getenv("FAIR_UPDATE_GOLDEN") != nullptr) {
    test::spill(path, to_text(now));
    return;
  }
  EXPECT_EQ(to_text(now), to_text(*golden)) << "if the new words are better: FAIR_UPDATE_GOLDEN=1, then toolchains/plugin_reference.py";
}

}  // namespace
}  // namespace fair::plugins
