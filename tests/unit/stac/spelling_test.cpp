#include "core/base/spelling.h"

#include <gtest/gtest.h>

namespace fair {
namespace {

TEST(Spelling, NearestIsNearOrNothing) {
  const std::vector<std::string> words{"epochs", "batch_size", "learning_rate", "building"};
  EXPECT_EQ(nearest("lerning_rate", words), "learning_rate");
  EXPECT_EQ(nearest("EPOCH", words), "epochs");
  EXPECT_EQ(nearest("buildings", words), "building");
  EXPECT_EQ(nearest("momentum", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(nearest(std::string(100000, 'x'), words), "");
}

TEST(Spelling, Listed) {
  EXPECT_EQ(listed({}), "nothing");
  EXPECT_EQ(listed({"a", "b"}), "a, b");
}

}  // namespace
}  // namespace fair
