#include "native/image/builder.h"

#include <cstdlib>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "native/io/atomic_file.h"
#include "native/io/digest.h"
#include "native/io/program.h"
#include "native/io/scratch_folder.h"

namespace fair::image {
namespace fs = std::filesystem;
namespace {

constexpr int long_patience = 1800;  ///< seconds: images with LibTorch are large, and so is the way to a registry

Result<std::string> run(const std::vector<std::string>& words, const std::string& thing) {
  const io::ProgramOutcome outcome = io::run_program(words, {.seconds = long_patience});
  if (outcome.status == 0) return outcome.out;
  std::string said = outcome.err.size() > 600 ? "…" + outcome.err.substr(outcome.err.size() - 600) : outcome.err;
  while (!said.empty() && said.back() == '\n') said.pop_back();
  return fail(Code::io, words.front() + ", " + thing, "to be done",
              outcome.ended ? "no end within half an hour" : "status " + std::to_string(outcome.status) + ": " + said, "run it by hand to see more");
}

/// docker is only a client: its server must answer too.
bool runs(const std::string& program) {
  const bool client = fs::path(program).filename() == "docker";
  return io::run_program({program, client ? "version" : "--version"}, {.seconds = 20}).status == 0;
}

}  // namespace

std::string Registry::reference(const std::string& name) const { return host + "/" + (prefix.empty() ? "" : prefix + "/") + name; }

Result<Builder> Builder::find() {
  if (const char* given = std::getenv("FAIR_IMAGE_BUILDER"); given != nullptr && *given != '\0') {
    if (runs(given)) return Builder(given);
    return fail(Code::unsupported, "FAIR_IMAGE_BUILDER", "buildah, docker or podman",
                std::string(given) + ", which does not run, or whose server does not answer", "correct it");
  }
  for (const char* program : {"buildah", "docker", "podman"}) {
    if (runs(program)) return Builder(program);
  }
  return fail(Code::unsupported, "images", "buildah, docker or podman", "none of them that works",
              "install one (Debian: buildah) or start docker's server, or build elsewhere with --files");
}

Result<> Builder::build(const fs::path& context, const std::string& target, const std::string& tag) const {
  std::vector<std::string> words{program_, "build"};
  if (fs::path(program_).filename() != "docker") {
    // No base image is pulled, so that there is nothing to have a policy about; some machines have none.
    const fs::path policy = context / "policy.json";
    FAIR_TRY(io::write_whole(policy, R"({"default":[{"type":"insecureAcceptAnything"}]})"));
    words.insert(words.end(), {"--signature-policy", policy.string(), "--layers=false"});
  }
  words.insert(words.end(), {"--target", target, "-f", (context / "Containerfile").string(), "-t", tag, context.string()});
  FAIR_TRY(run(words, tag));
  return {};
}

Result<std::string> Builder::push(const std::string& tag, const std::string& reference, const Registry& registry) const {
  const auto scratch = io::ScratchFolder::temporary();  // for secrets
  if (scratch.path().empty()) return fail(Code::io, fs::temp_directory_path().string(), "a folder that can be made", "none", "check its permissions");
  // Never on the command line, which everybody on the machine may read.
  const bool log_in = !registry.user.empty() || !registry.password.empty();
  const fs::path secrets = scratch.path() / "config.json";
  if (log_in)
    FAIR_TRY(io::write_whole(secrets, Json{{"auths", {{registry.host, {{"auth", io::base64(registry.user + ":" + registry.password)}}}}}}.dump()));
  if (fs::path(program_).filename() == "docker") {
    std::vector<std::string> words{program_};
    if (log_in) words.insert(words.end(), {"--config", scratch.path().string()});
    FAIR_TRY(run({program_, "tag", tag, reference}, tag));
    words.insert(words.end(), {"push", reference});
    FAIR_TRY(run(words, reference));
    FAIR_TRY_ASSIGN(const std::string digests,
                    run({program_, "inspect", "--format", "{{range .RepoDigests}}{{println .}}{{end}}", reference}, reference));
    const std::string name = reference.substr(0, reference.find(':', reference.rfind('/')));
    const std::size_t at = digests.find(name + "@sha256:");
    if (at == std::string::npos) return fail(Code::io, reference, "a digest", "none", "look at docker inspect");
    return digests.substr(at, digests.find('\n', at) - at);
  }
  const fs::path policy = scratch.path() / "policy.json", digest = scratch.path() / "digest";
  FAIR_TRY(io::write_whole(policy, R"({"default":[{"type":"insecureAcceptAnything"}]})"));
  std::vector<std::string> words{program_, "push", "--signature-policy", policy.string(), "--digestfile", digest.string(), "-q"};
  if (registry.insecure) words.emplace_back("--tls-verify=false");
  if (log_in) words.insert(words.end(), {"--authfile", secrets.string()});
  words.insert(words.end(), {tag, "docker://" + reference});
  FAIR_TRY(run(words, reference));
  FAIR_TRY_ASSIGN(std::string sum, io::read_whole(digest, 256));
  while (!sum.empty() && sum.back() == '\n') sum.pop_back();
  return reference.substr(0, reference.find(':', reference.rfind('/'))) + "@" + sum;
}

}  // namespace fair::image
