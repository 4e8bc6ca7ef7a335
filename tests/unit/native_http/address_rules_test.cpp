#include "native/http/address_rules.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

#include "native/http/client.h"
#include "tests/unit/native_io/tile_server.h"

namespace fair::http {
namespace {

sockaddr_storage socket_address(const std::string& text) {
  sockaddr_storage out{};
  if (auto* v4 = reinterpret_cast<sockaddr_in*>(&out); inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
  } else if (auto* v6 = reinterpret_cast<sockaddr_in6*>(&out); inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
  }
  return out;
}

bool open_to_all(const std::string& text) {
  const sockaddr_storage address = socket_address(text);
  return is_public(reinterpret_cast<const sockaddr&>(address));
}

TEST(AddressRules, AreReadBackFromAConfigOrRefused) {
  const AddressRules::Lists lists{{"*.example.org"}, {"10.1.0.0/16"}, true};
  const auto back = AddressRules::Lists::from_json(lists.to_json(), "address_rules");
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->to_json(), lists.to_json());
  for (const char* text :
       {"null", "{}", R"({"hosts":"example.org","networks":[],"https_only":true})", R"({"hosts":[1],"networks":[],"https_only":true})",
        R"({"hosts":[],"networks":[],"https_only":"yes"})", R"({"hosts":[],"networks":[],"https_only":true,"host":[]})"}) {
    EXPECT_FALSE(AddressRules::Lists::from_json(Json::parse(text), "address_rules")) << text;
  }
}

TEST(AddressRules, KnowWhatIsPublic) {
  for (const char* address : {"1.1.1.1", "93.184.216.34", "172.15.255.255", "172.32.0.0", "100.63.0.1", "223.255.255.255", "2606:4700::1111",
                              "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::"}) {
    EXPECT_TRUE(open_to_all(address)) << address;
  }
  for (const char* address : {"0.0.0.0",     "10.0.0.1",        "100.64.0.1",   "127.0.0.1",     "127.255.0.1",      "169.254.169.254",
                              "172.16.0.1",  "172.31.255.255",  "192.168.1.1",  "192.0.2.1",     "198.18.0.1",       "224.0.0.1",
                              "240.0.0.1",   "255.255.255.255", "::",           "::1",           "fe80::1",          "fc00::1",
                              "fd12::1",     "ff02::1",         "2001:db8::1",  "2001::1",       "::ffff:127.0.0.1", "::ffff:10.0.0.1",
                              "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::",     "100::1"}) {
    EXPECT_FALSE(open_to_all(address)) << address;
  }
}

TEST(AddressRules, ReadNetworks) {
  EXPECT_TRUE(Network::from("10.0.0.0/8"));
  EXPECT_TRUE(Network::from("[fd00::1]"));
  for (const char* wrong : {"", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "10.0.0.0/", "10.0.0.0/8x", "name"}) {
    EXPECT_FALSE(Network::from(wrong)) << wrong;
  }
  const auto rules = AddressRules::from({{}, {"10.1.0.0/16", "inside.example"}, false});
  ASSERT_TRUE(rules);
  const auto may = [&](const char* host, const char* address) {
    const sockaddr_storage a = socket_address(address);
    return rules->may_connect(host, reinterpret_cast<const sockaddr&>(a));
  };
  EXPECT_TRUE(may("x", "10.1.2.3"));
  EXPECT_TRUE(may("x", "::ffff:10.1.2.3"));
  EXPECT_FALSE(may("x", "10.2.2.3"));
  EXPECT_TRUE(may("inside.example", "10.2.2.3"));
  EXPECT_FALSE(AddressRules::from({{}, {"10.1.0.0/99"}, false}));
  EXPECT_FALSE(AddressRules::from({{"a b"}, {}, false}));
}

TEST(AddressRules, JudgeTheAddressAsItIsWritten) {
  const auto any = AddressRules::from({});
  ASSERT_TRUE(any);
  EXPECT_EQ(*any->host_of("https://Tiles.Example.org./1/2/3.png"), "tiles.example.org");
  for (const char* wrong : {"file:///etc/passwd", "ftp://example.org/", "gopher://example.org/", "http://user@example.org/",
                            "http://user:key@example.org/", "http://", "not an address", "", "http://exa mple.org/", "data:text/plain,x"}) {
    const auto host = any->host_of(wrong);
    ASSERT_FALSE(host) << wrong;
    EXPECT_EQ(host.error().code, Code::usage);
  }
  // A user named like the host that is allowed.
  const auto some = AddressRules::from({{"example.org", "*.tiles.example.org"}, {}, true});
  EXPECT_TRUE(some->host_of("https://example.org/"));
  EXPECT_TRUE(some->host_of("https://a.tiles.example.org/"));
  for (const char* wrong : {"http://example.org/", "https://tiles.example.org/", "https://xexample.org/", "https://example.org@evil.example/",
                            "https://evil.example/example.org", "https://atiles.example.org/", "https://evil.example#@example.org/"}) {
    EXPECT_FALSE(some->host_of(wrong)) << wrong;
  }
}

/// A client under rules, one attempt an address, and a server on this machine, which is as private as an address can be.
class Ruled : public testing::Test {
 protected:
  static Result<Response> ask(const std::string& url, const AddressRules::Lists& lists = {}) {
    auto rules = AddressRules::from(lists);
    ClientOptions options;
    options.connect_seconds = options.timeout_seconds = 3;
    options.attempts = 2;
    options.rules = std::make_shared<const AddressRules>(*rules);
    auto client = Client::create(options);
    Request request;
    request.url = url;
    return client->send(std::move(request));
  }
  std::string redirect_to_;
  test::TileServer server_{[this](const httplib::Request& request, httplib::Response& response) {
    if (request.path == "/there") return response.set_redirect(redirect_to_);
    if (request.path == "/round") return response.set_redirect("/round");
    response.set_content("secret", "text/plain");
  }};
  [[nodiscard]] std::string at(const std::string& host, const std::string& path = "/") const {
    const std::string url = server_.url(path);
    return "http://" + host + url.substr(url.find(':', 7));
  }
};

TEST_F(Ruled, PrivateAddressesAreNotConnectedToHoweverTheyAreWritten) {
  for (const char* host :
       {"127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "localhost", "LOCALHOST", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"}) {
    const auto answer = ask(at(host));
    ASSERT_FALSE(answer) << host;
    EXPECT_EQ(answer.error().code, Code::usage) << host << ": " << answer.error().message();
  }
  EXPECT_TRUE(server_.paths().empty());
}

TEST_F(Ruled, AllowedOnesAre) {
  EXPECT_EQ(ask(at("127.0.0.1"), {{}, {"127.0.0.1"}, false})->body, "secret");
  EXPECT_EQ(ask(at("localhost"), {{"localhost"}, {"localhost"}, false})->body, "secret");
  EXPECT_FALSE(ask(at("127.0.0.1"), {{"localhost"}, {"127.0.0.1"}, false}));
}

TEST_F(Ruled, RedirectsAreJudgedLikeFirstAddresses) {
  const AddressRules::Lists lists{{}, {"127.0.0.1"}, false};
  redirect_to_ = at("127.0.0.1", "/here");
  EXPECT_EQ(ask(at("127.0.0.1", "/there"), lists)->body, "secret");
  const std::size_t before = server_.paths().size();
  for (const std::string& to : {at("127.0.0.2", "/here"), at("[::1]", "/here"), std::string("file:///etc/passwd"), at("user@127.0.0.1", "/here"),
                                std::string("ftp://127.0.0.1/")}) {
    redirect_to_ = to;
    const auto answer = ask(at("127.0.0.1", "/there"), lists);
    ASSERT_FALSE(answer) << to;
    EXPECT_EQ(answer.error().code, Code::usage) << to << ": " << answer.error().message();
  }
  EXPECT_EQ(server_.paths().size(), before + 5);  // the redirecting path alone, once each
  EXPECT_FALSE(ask(at("127.0.0.1", "/round"), lists));
}

TEST_F(Ruled, ProxiesOfTheEnvironmentAreNotUsed) {
  setenv("http_proxy", server_.url("").c_str(), 1);
  const auto answer = ask("http://192.0.2.1/");
  unsetenv("http_proxy");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::usage) << answer.error().message();
  EXPECT_TRUE(server_.paths().empty());
}

}  // namespace
}  // namespace fair::http
