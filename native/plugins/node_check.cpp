#include "native/plugins/node_check.h"

#include <cstdlib>

#include "native/io/digest.h"
#include "native/io/program.h"
#include "native/plugins/share.h"
#include "native/plugins/verify.h"

namespace fair::plugins {
namespace fs = std::filesystem;
namespace {

constexpr int patience = 60;  ///< seconds that a check may take

std::string node() {
  if (const char* given = std::getenv("FAIR_NODE"); given != nullptr && *given != '\0') return given;
  for (const char* name : {"node", "nodejs"}) {
    if (io::run_program({name, "--version"}).status == 0) return name;
  }
  return {};
}

}  // namespace

Result<NodeCheck> check_in_node(const Found& found, const std::vector<fs::path>& items) {
  const std::string thing = found.manifest_path.string();
  FAIR_TRY_ASSIGN(const fs::path tools, share_folder("wasm"));
  const std::string program = node();
  if (program.empty()) return fail(Code::unsupported, thing, "node, to run it in", "none", "install nodejs, or name it in FAIR_NODE");
  std::error_code error;
  if (!fs::is_regular_file(found.binary, error)) {
    return fail(Code::not_found, thing, "its side module " + found.binary.filename().string() + " beside it", "none", "install both files together");
  }
  FAIR_TRY_ASSIGN(const std::string sum, io::sha256_of(found.binary));
  if (sum != found.manifest.sha256) {
    return fail(Code::invalid, found.binary.string(), "sha256 " + found.manifest.sha256, sum,
                "the file is damaged, or was changed after its manifest was written: build both again");
  }
  std::vector<std::string> line{program};
  // Where node itself has fetch, the compiler's JavaScript believes to be in a browser.
  if (io::run_program({program, "--no-experimental-fetch", "--version"}).status == 0) line.emplace_back("--no-experimental-fetch");
  for (const fs::path& path : {tools / "fair_check.js", fs::absolute(found.binary), fs::absolute(found.manifest_path)}) line.push_back(path.string());
  for (const fs::path& item : items) line.push_back(fs::absolute(item).string());
  const io::ProgramOutcome outcome = io::run_program(line, {.seconds = patience});
  NodeCheck out;
  const auto answer = json_from(outcome.out);
  if (answer && answer->is_object() && answer->contains("faults")) {
    for (const Json& fault : (*answer)["faults"]) out.faults.push_back(fault.get<std::string>());
    out.checks = answer->value("checks", 0);
    out.digest = answer->value("digest", "");
  } else if (outcome.ended) {
    out.faults.emplace_back("it does not return: a call was ended after " + std::to_string(patience) + " s");
  } else {
    out.faults.push_back("it ends the program that calls it (exit status " + std::to_string(outcome.status) +
                         "): it traps, calls abort, or asks for what no host gives");
  }
  return out;
}

}  // namespace fair::plugins
