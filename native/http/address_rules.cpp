#include "native/http/address_rules.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <memory>
#include <utility>

#include "core/base/field.h"
#include "native/http/client.h"
#include "native/http/url.h"

namespace fair::http {
namespace {

constexpr unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool bytes_of(const sockaddr& address, unsigned char (&out)[16]) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    std::memcpy(out, mapped, sizeof mapped);
    std::memcpy(out + 12, &v4.sin_addr, 4);
    return true;
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    std::memcpy(out, &v6.sin6_addr, 16);
    return true;
  }
  return false;
}

/// Of this file's own texts, all of which are networks.
Network network(const char* text) { return Network::from(text).value_or(Network()); }

std::vector<Network> networks(std::initializer_list<const char*> texts) {
  std::vector<Network> out;
  for (const char* text : texts) out.push_back(network(text));
  return out;
}

bool any(const std::vector<Network>& all, const unsigned char (&address)[16]) {
  return std::any_of(all.begin(), all.end(), [&](const Network& n) { return n.holds(address); });
}

bool is_public(const unsigned char (&address)[16]) {
  static const std::vector<Network> closed_v4 =
      networks({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
                "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
  static const Network v4 = network("::ffff:0:0/96"), global = network("2000::/3");
  static const std::vector<Network> closed_v6 = networks({"2001::/23", "2001:db8::/32", "3fff::/20"});
  static const Network translated = network("64:ff9b::/96"), six_to_four = network("2002::/16");
  if (v4.holds(address)) return !any(closed_v4, address);
  unsigned char inner[16];
  std::memcpy(inner, mapped, sizeof mapped);
  if (translated.holds(address)) {
    std::memcpy(inner + 12, address + 12, 4);
    return is_public(inner);
  }
  if (six_to_four.holds(address)) {
    std::memcpy(inner + 12, address + 2, 4);
    return is_public(inner);
  }
  return global.holds(address) && !any(closed_v6, address);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  while (!text.empty() && text.back() == '.') text.pop_back();  // "example.org." is the same host
  return text;
}

bool is_name(const std::string& text) {
  return !text.empty() && text.size() < 254 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 128 && (std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_'); });
}

}  // namespace

std::optional<Network> Network::from(const std::string& text) {
  Network out;
  const std::size_t slash = text.find('/');
  std::string address = text.substr(0, slash);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') address = address.substr(1, address.size() - 2);
  int most = 128;
  if (in_addr v4{}; inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    std::memcpy(out.address, mapped, sizeof mapped);
    std::memcpy(out.address + 12, &v4, 4);
    most = 32;
  } else if (inet_pton(AF_INET6, address.c_str(), out.address) != 1) {
    return std::nullopt;
  }
  if (slash == std::string::npos) return out;
  int bits = -1;
  const auto [end, error] = std::from_chars(text.data() + slash + 1, text.data() + text.size(), bits);
  if (error != std::errc() || end != text.data() + text.size() || bits < 0 || bits > most) return std::nullopt;
  out.bits = 128 - most + bits;
  return out;
}

bool Network::holds(const unsigned char (&other)[16]) const {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(address, other, whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<unsigned char>(0xff << (8 - bits % 8));
  return ((address[whole] ^ other[whole]) & mask) == 0;
}

bool is_public(const sockaddr& address) {
  unsigned char bytes[16];
  return bytes_of(address, bytes) && is_public(bytes);
}

Result<AddressRules::Lists> AddressRules::Lists::from_json(const Json& document, const std::string& thing) {
  const Json &hosts = member(document, "hosts"), &networks = member(document, "networks"), &https_only = member(document, "https_only");
  Lists out{texts_of(hosts), texts_of(networks), https_only == true};
  const bool whole = hosts.is_array() && networks.is_array() && https_only.is_boolean() && document.size() == 3;
  if (whole && out.hosts.size() == hosts.size() && out.networks.size() == networks.size()) return out;
  return fail(Code::usage, thing, "{hosts, networks, https_only}: two lists of names and true or false", fair::shown(document), "correct the config");
}

Json AddressRules::Lists::to_json() const { return {{"hosts", hosts}, {"networks", networks}, {"https_only", https_only}}; }

Result<AddressRules> AddressRules::from(const Lists& lists) {
  AddressRules out;
  out.https_only_ = lists.https_only;
  for (const std::string& host : lists.hosts) {
    const std::string text = lower(host);
    if (!is_name(text.rfind("*.", 0) == 0 ? text.substr(2) : text)) {
      return fail(Code::usage, "host", "a name, or *.NAME for those below it", host, "for example tiles.example.org");
    }
    out.hosts_.push_back(text);
  }
  for (const std::string& given : lists.networks) {
    if (const auto network = Network::from(given)) {
      out.open_networks_.push_back(*network);
    } else if (is_name(lower(given)) && given.find('/') == std::string::npos) {
      out.open_names_.push_back(lower(given));
    } else {
      return fail(Code::usage, "private address", "a name, an address, or a network such as 10.1.0.0/16", given, "correct it");
    }
  }
  return out;
}

Result<std::string> AddressRules::host_of(const std::string& url) const {
  // libcurl's own reading: what is judged here is what is connected to.
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    std::string out;
    if (curl_url_get(parsed.get(), which, &text, 0) == CURLUE_OK) out = text;
    curl_free(text);
    return out;
  };
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return fail(Code::usage, shown(url).substr(0, 200), "an address", "none that can be read", "give an http or https URL");
  }
  const std::string scheme = lower(part(CURLUPART_SCHEME)), host = lower(part(CURLUPART_HOST));
  if (scheme != "https" && (https_only_ || scheme != "http")) {
    return fail(Code::usage, shown(url).substr(0, 200), https_only_ ? "an https URL" : "an http or https URL", scheme, "give another address");
  }
  if (!part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty()) {
    return fail(Code::usage, shown(url), "an address without user and password", "one with them", "put keys into the query, or leave them out");
  }
  const bool allowed = hosts_.empty() || std::any_of(hosts_.begin(), hosts_.end(), [&](const std::string& entry) {
                         if (entry.rfind("*.", 0) != 0) return host == entry;
                         const std::string below = entry.substr(1);
                         return host.size() > below.size() && host.compare(host.size() - below.size(), below.size(), below) == 0;
                       });
  if (host.empty() || !allowed) {
    return fail(Code::usage, shown(url), "a host that this server may ask", host, "whoever runs it can allow the host");
  }
  return host;
}

bool AddressRules::may_connect(const std::string& host, const sockaddr& address) const {
  unsigned char bytes[16];
  if (!bytes_of(address, bytes)) return false;
  return is_public(bytes) || any(open_networks_, bytes) || std::find(open_names_.begin(), open_names_.end(), host) != open_names_.end();
}

}  // namespace fair::http
