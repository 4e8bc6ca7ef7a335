#include "native/schema/schema_store.h"

#include <gtest/gtest.h>

namespace fair::schema {
namespace {

TEST(SchemaStore, AddressesBecomePathsBelowTheirHost) {
  EXPECT_EQ(path_of("https://example.org/a/b.json").value(), "example.org/a/b.json");
  EXPECT_EQ(path_of("http://example.org/a/b.json#/definitions/x").value(), "example.org/a/b.json");
  for (const char* wrong :
       {"", "example.org/a", "ftp://example.org/a", "file:///etc/passwd", "https://", "https:///etc/passwd", "https://example.org/../../etc/passwd",
        "https://example.org/a/%2e%2e/b", "https://../x", "https://example.org/a?b=c", "https://example.org/a b", "https://.ssh/id"}) {
    EXPECT_FALSE(path_of(wrong)) << wrong;
  }
}

TEST(SchemaStore, NothingIsDownloadedUnlessAsked) {
  Options options;
  options.download = false;
  SchemaStore store(options);
  const auto& missing = store.text("https://example.org/none.json");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::not_found);
  EXPECT_NE(missing.error().hint.find("--schemas"), std::string::npos);
}

TEST(SchemaStore, UnreachableHostsFailInTime) {
  Options options;
  options.timeout_seconds = 2;
  SchemaStore store(options);
  const auto& refused = store.text("http://127.0.0.1:1/none.json");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("--schemas"), std::string::npos);
}

}  // namespace
}  // namespace fair::schema
