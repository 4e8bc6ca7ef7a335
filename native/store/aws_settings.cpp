#include "native/store/aws_settings.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "native/io/variable.h"

namespace fair::store {
namespace fs = std::filesystem;
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r"), last = text.find_last_not_of(" \t\r");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

/// The pairs below one of the headings.
std::map<std::string, std::string> section(const fs::path& file, const std::string& profile) {
  std::map<std::string, std::string> out;
  std::ifstream in(file);
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    line = trimmed(line);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      inside = line == "[" + profile + "]" || line == "[profile " + profile + "]";
      continue;
    }
    const std::size_t equals = line.find('=');
    if (inside && equals != std::string::npos) out[trimmed(line.substr(0, equals))] = trimmed(line.substr(equals + 1));
  }
  return out;
}

fs::path file_of(const char* name, const char* usual) {
  const std::string given = io::variable(name);
  return given.empty() ? fs::path(io::variable("HOME")) / ".aws" / usual : fs::path(given);
}

}  // namespace

Result<AwsSettings> aws_settings(const std::string& wanted) {
  std::string profile = wanted.empty() ? io::variable("AWS_PROFILE") : wanted;
  if (profile.empty()) profile = "default";
  const fs::path keys = file_of("AWS_SHARED_CREDENTIALS_FILE", "credentials"), config = file_of("AWS_CONFIG_FILE", "config");
  std::map<std::string, std::string> file = section(config, profile);
  for (const auto& [name, value] : section(keys, profile)) file[name] = value;

  AwsSettings out;
  out.credentials = {io::variable("AWS_ACCESS_KEY_ID"), io::variable("AWS_SECRET_ACCESS_KEY"), io::variable("AWS_SESSION_TOKEN")};
  if (!wanted.empty() || out.credentials.access_key.empty() || out.credentials.secret_key.empty()) {
    out.credentials = {file["aws_access_key_id"], file["aws_secret_access_key"], file["aws_session_token"]};
  }
  if (out.credentials.access_key.empty() || out.credentials.secret_key.empty()) {
    return fail(Code::not_found, "S3 keys", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or profile " + profile + " in " + keys.string(),
                "none of them", "set the variables, or write the file");
  }
  for (const std::string& region : {io::variable("AWS_REGION"), io::variable("AWS_DEFAULT_REGION"), file["region"], std::string("us-east-1")}) {
    if (out.region.empty()) out.region = region;
  }
  for (const std::string& endpoint : {io::variable("AWS_ENDPOINT_URL_S3"), io::variable("AWS_ENDPOINT_URL"), file["endpoint_url"]}) {
    if (out.endpoint.empty()) out.endpoint = endpoint;
  }
  return out;
}

}  // namespace fair::store
