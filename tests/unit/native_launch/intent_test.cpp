#include "native/launch/intent.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "native/store/folder_store.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::launch {
namespace {

class Intents : public testing::Test {
 protected:
  static Json promotion(int number = 2) { return {{"verb", "promote"}, {"model", "town-buildings"}, {"number", number}}; }
  /// Settling that only counts.
  Intent::Settle settle() {
    return [this](const Json& note) -> Result<> {
      settled_.push_back(note.value("number", 0));
      return {};
    };
  }
  test::Scratch scratch_;
  store::Notes notes_{store::folder_store(scratch_ / "intents", ""), ""};
  std::vector<int> settled_;
};

TEST_F(Intents, OneAtATimeAndTheOtherHearsWho) {
  const auto first = Intent::take(notes_, promotion(), settle());
  ASSERT_TRUE(first) << first.error().message();
  const auto second = Intent::take(notes_, promotion(1), settle());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::conflict);
  EXPECT_NE(second.error().message().find("promote of version 2"), std::string::npos) << second.error().message();
  EXPECT_NE(second.error().message().find(std::to_string(::getpid())), std::string::npos) << second.error().message();
  const auto other = Intent::take(notes_, {{"verb", "promote"}, {"model", "town-roads"}, {"number", 1}}, settle());
  EXPECT_TRUE(other) << "another model's versions are nobody's business here";
  ASSERT_TRUE((*first)->done());
  EXPECT_TRUE(Intent::take(notes_, promotion(1), settle()));
  EXPECT_TRUE(settled_.empty());
}

TEST_F(Intents, WhatADeadProgramLeftIsSettledFirst) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto taken = Intent::take(notes_, promotion(), settle());
    ::_exit(taken ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(WEXITSTATUS(status), 0);
  const auto left = Intent::left_here(notes_);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left.front()["number"], 2);
  EXPECT_TRUE(Intent::take(notes_, promotion(3), settle()));
  EXPECT_EQ(settled_, std::vector{2});
}

TEST_F(Intents, WhatThisProgramGaveUpIsLeftToo) {
  { ASSERT_TRUE(Intent::take(notes_, promotion(), settle())); }
  ASSERT_EQ(Intent::left_here(notes_).size(), 1U);
  ASSERT_TRUE(Intent::forget(notes_, Intent::left_here(notes_).front()));
  EXPECT_TRUE(Intent::left_here(notes_).empty());
}

TEST_F(Intents, ANoteThatCannotBeSettledStays) {
  { ASSERT_TRUE(Intent::take(notes_, promotion(), settle())); }
  const auto refused = Intent::take(notes_, promotion(1), [](const Json&) -> Result<> { return fail(Code::io, "server", "to answer", "nothing"); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().thing, "server");
  EXPECT_EQ(Intent::left_here(notes_).size(), 1U);
}

TEST_F(Intents, AnotherMachinesIsDeadWhenItNoLongerBeats) {
  Json note = promotion();
  note["id"] = "1-1", note["beat"] = 4;
  note["by"] = {{"host", "elsewhere"}, {"machine", "another boot"}, {"process", 1}, {"began", "1"}};
  ASSERT_TRUE(notes_.store->write("town-buildings.json", note.dump()));
  EXPECT_TRUE(Intent::left_here(notes_).empty()) << "from here nobody can tell";
  const auto taken = Intent::take(notes_, promotion(1), settle(), std::chrono::milliseconds(200));
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_EQ(settled_, std::vector{2});
}

TEST_F(Intents, SomethingElseInItsPlaceIsNamed) {
  ASSERT_TRUE(notes_.store->write("town-buildings.json", "not a note"));
  const auto refused = Intent::take(notes_, promotion(), settle());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid);
}

}  // namespace
}  // namespace fair::launch
