// Which addresses may be reached for somebody who is not trusted: a server that fetches what its clients name must not become their way into the
// network it stands in (server-side request forgery).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

struct sockaddr;

namespace fair::http {

/// An IPv4 or IPv6 network; IPv4 ones are kept as IPv6 addresses that map them.
struct Network {
  unsigned char address[16] = {};
  int bits = 128;

  /// "10.1.0.0/16", "fd00::/8", or one address.
  [[nodiscard]] static std::optional<Network> from(const std::string& text);
  [[nodiscard]] bool holds(const unsigned char (&other)[16]) const;
};

/// Rules hold for every address that a name leads to, when it is connected to, and again for every redirect.
class AddressRules {
 public:
  struct Lists {
    std::vector<std::string> hosts;     ///< the only names that may be asked: exact, or "*.example.org" for those below it; empty: all
    std::vector<std::string> networks;  ///< names, addresses or networks that may be private
    bool https_only = false;

    /// As a run's config keeps them: {hosts, networks, https_only}. Code::usage names what else it is: a slip must not open a network.
    [[nodiscard]] static Result<Lists> from_json(const Json& document, const std::string& thing);
    [[nodiscard]] Json to_json() const;
  };
  /// Code::usage names an entry that is none.
  [[nodiscard]] static Result<AddressRules> from(const Lists& lists);

  /// The host of an address that may be asked, in lower case. Code::usage where its scheme or host may not, it names a user, or it is no URL.
  [[nodiscard]] Result<std::string> host_of(const std::string& url) const;
  /// May `host`, which led to this socket address, be connected to?
  [[nodiscard]] bool may_connect(const std::string& host, const sockaddr& address) const;

 private:
  std::vector<std::string> hosts_, open_names_;
  std::vector<Network> open_networks_;
  bool https_only_ = false;
};

/// True for addresses that anybody on the internet may be asked at; false for private, local, reserved, multicast ones and for IPv6 forms that lead
/// to such an IPv4 address (RFC 6890, 4291, 6052, 3056).
[[nodiscard]] bool is_public(const sockaddr& address);

}  // namespace fair::http
