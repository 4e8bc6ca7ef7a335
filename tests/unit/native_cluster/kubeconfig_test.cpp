#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "native/cluster/api_server.h"

namespace {

using namespace fair;
using namespace fair::cluster;
namespace fs = std::filesystem;

class Kubeconfig : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / ("fair_kube_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    std::ofstream(folder_ / "ca.pem") << "the authority";
    std::ofstream(folder_ / "config") << R"(apiVersion: v1
kind: Config
current-context: one
clusters:
- name: here
  cluster: {server: "https://10.0.0.1:6443", certificate-authority: ca.pem}
- name: there
  cluster: {server: "https://10.0.0.2:6443", certificate-authority-data: dGhlIG90aGVy, insecure-skip-tls-verify: true}
users:
- name: me
  user: {token: secret}
- name: certified
  user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}
- name: elsewhere
  user: {exec: {command: aws}}
contexts:
- name: one
  context: {cluster: here, user: me, namespace: maps}
- name: two
  context: {cluster: there, user: certified}
- name: three
  context: {cluster: here, user: elsewhere}
- name: four
  context: {cluster: nowhere, user: me}
)";
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(Kubeconfig, IsReadWithItsFiles) {
  const auto one = ApiServerOptions::find((folder_ / "config").string(), "");
  ASSERT_TRUE(one) << one.error().message();
  EXPECT_EQ(one->url, "https://10.0.0.1:6443");
  EXPECT_EQ(one->name_space, "maps");
  EXPECT_EQ(one->tls.authority, "the authority");
  EXPECT_TRUE(one->tls.verify);
  EXPECT_EQ(one->token, "secret");
  const auto two = ApiServerOptions::find((folder_ / "config").string(), "two");
  ASSERT_TRUE(two) << two.error().message();
  EXPECT_EQ(two->name_space, "default");
  EXPECT_EQ(two->tls.authority, "the other");
  EXPECT_FALSE(two->tls.verify);
  EXPECT_EQ(two->tls.certificate, "cert");
  EXPECT_EQ(two->tls.key, "key");
}

TEST_F(Kubeconfig, SaysWhatItLacks) {
  const auto error = [&](const std::string& context) { return ApiServerOptions::find((folder_ / "config").string(), context).error(); };
  EXPECT_EQ(error("three").code, Code::unsupported);
  EXPECT_NE(error("three").message().find("exec"), std::string::npos);
  EXPECT_NE(error("four").message().find("clusters: expected one named nowhere"), std::string::npos) << error("four").message();
  EXPECT_NE(error("five").message().find("contexts: expected one named five"), std::string::npos);
  EXPECT_EQ(ApiServerOptions::find((folder_ / "none").string(), "").error().code, Code::not_found);
  std::ofstream(folder_ / "config") << "clusters: [3, {name: 4}]\ncontexts: x\n";
  EXPECT_FALSE(ApiServerOptions::find((folder_ / "config").string(), ""));
}

}  // namespace
