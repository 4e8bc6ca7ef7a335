#include "native/cli/address.h"

#include <cstdlib>

#include "native/cli/desk.h"

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

fs::path personal_cache() {
  const std::string given = variable("XDG_CACHE_HOME");
  return fs::path(given.empty() ? variable("HOME") + "/.cache" : given) / "fair-edge";
}

}  // namespace

bool is_address(const std::string& given) {
  for (const char* scheme : {"s3://", "http://", "https://"}) {
    if (given.rfind(scheme, 0) == 0) return true;
  }
  return false;
}

Result<fs::path> on_this_machine(const Context& context, const std::string& given) {
  if (!is_address(given)) return fs::path(given);
  auto workspace = store::Workspace::open(context.workspace);
  if (!workspace && workspace.error().code != Code::not_found) return fail(workspace.error());
  stack::Stack stack;
  if (workspace) {
    FAIR_TRY_ASSIGN(stack, chosen_stack(context, *workspace));
  } else {
    FAIR_TRY_ASSIGN(const stack::Configuration configuration, stack::read_configuration({}));
    FAIR_TRY_ASSIGN(stack, stack::choose(configuration, context.stack));
  }
  FAIR_TRY_ASSIGN(const auto bring, stack::open_outside(stack, workspace ? workspace->folder() : personal_cache()));
  if (!bring) return fail(Code::unsupported, given, "a fair with libcurl", "one built without", "download it, or build with FAIR_WITH_CURL");
  return bring(given);
}

}  // namespace fair::cli
