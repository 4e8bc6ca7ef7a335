#include "native/cli/address.h"

#include <cstdlib>

#include "native/cli/desk.h"
#ifdef FAIR_WITH_CURL
#include "native/http/client.h"
#endif

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

std::string unsigned_address(const std::string& given) {
  const std::size_t query = is_address(given) ? given.find('?') : std::string::npos;
  if (query == std::string::npos) return given;
  for (const char* sign : {"Signature=", "sig="}) {  // S3 and Google Cloud Storage; Azure
    if (given.find(sign, query) != std::string::npos) return given.substr(0, query);
  }
  return given;
}

Result<launch::ChosenModel> chosen_model(const Context& context, const std::string& what, store::Workspace* workspace) {
  if (workspace != nullptr || !is_address(what)) return launch::choose_model(what, workspace);
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
