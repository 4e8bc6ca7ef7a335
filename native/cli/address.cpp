#include "native/cli/address.h"

#include <cstdlib>

#include "native/cli/desk.h"
#ifdef FAIR_WITH_CURL
#include "native/http/client.h"
#include "native/http/url.h"
#include "native/io/variable.h"
#include "native/store/address.h"
#endif

namespace fair::cli {
namespace fs = std::filesystem;
namespace {

fs::path personal_cache() {
  const std::string given = io::variable("XDG_CACHE_HOME");
  return fs::path(given.empty() ? io::variable("HOME") + "/.cache" : given) / "fair-edge";
}

}  // namespace

Result<fs::path> on_this_machine(const Context& context, const std::string& given) {
  if (!store::is_address(given)) return fs::path(given);
  FAIR_TRY_ASSIGN(const std::optional<store::Workspace> workspace, workspace_here(context));
  FAIR_TRY_ASSIGN(const stack::Stack stack, stack_here(context));
  FAIR_TRY_ASSIGN(const auto bring, stack::open_outside(stack, workspace ? workspace->folder() : personal_cache()));
  if (!bring) return fail(Code::unsupported, given, "a fair with libcurl", "one built without", "download it, or build with FAIR_WITH_CURL");
  return bring(given);
}

Result<launch::ChosenModel> chosen_model(const Context& context, const std::string& what, store::Workspace* workspace) {
  if (workspace != nullptr || !store::is_address(what)) return launch::choose_model(what, workspace);
  FAIR_TRY_ASSIGN(const fs::path here, on_this_machine(context, what));
  return launch::choose_model(here.string(), nullptr);
}

Result<> reachable(const std::string& address) {
#ifdef FAIR_WITH_CURL
  FAIR_TRY_ASSIGN(const http::Client client, http::Client::create());
  bool answered = false;
  http::Request request;
  request.url = address;
  request.headers["range"] = "bytes=0-0";
  request.sink = [&](const char*, std::size_t) {
    answered = true;
    return false;  // one that gives all of it has been heard enough
  };
  const auto answer = client.send(std::move(request));
  if (answered || (answer && answer->good())) return {};
  if (!answer) return fail(answer.error());
  return fail(Code::not_found, http::shown(address), "a file that everybody may read", http::outcome(*answer), "check the href");
#else
  return fail(Code::unsupported, address, "a fair with libcurl", "one built without", "build with FAIR_WITH_CURL");
#endif
}

}  // namespace fair::cli
