#include "core/catalog/lifecycle.h"

#include <gtest/gtest.h>

#include "core/catalog/version_links.h"
#include "tests/unit/catalog/memory_store.h"

namespace fair::catalog {
namespace {

using test::MemoryStore;
using test::small_item;

constexpr const char* now = "2026-02-01T00:00:00Z";

/// Ids with their links and state, one line an item: "a-v1 deprecated <- - -> a-v2, latest -".
std::string state(MemoryStore& store, const char* collection = local_models) {
  std::string out;
  const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
  for (const auto& [id, item] : store.documents[collection]) {
    out += id + (item.deprecated() ? " deprecated" : " active") + " <- " + or_dash(linked(item, predecessor)) + " -> " +
           or_dash(linked(item, successor)) + ", latest " + or_dash(linked(item, latest)) + "\n";
  }
  return out;
}

stac::Item version(int number) { return small_item("town-v" + std::to_string(number), "town", std::to_string(number)); }

struct Versions : testing::Test {
  void promote_all(std::initializer_list<int> numbers) {
    for (const int n : numbers) ASSERT_TRUE(promote(store, version(n), now));
  }
  MemoryStore store;
};

TEST(Register, ANewModelIsActiveAndVersionOne) {
  MemoryStore store;
  const auto item = register_base_model(store, small_item("unet", "unet"), now);
  ASSERT_TRUE(item) << item.error().message();
  EXPECT_EQ(item->version(), "1");
  EXPECT_EQ(item->text("updated"), now);
  EXPECT_EQ(state(store, base_models), "unet active <- - -> -, latest unet\n");
}

TEST(Register, AgainItIsTheNextVersionAndTheFormerOneIsKept) {
  MemoryStore store;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(register_base_model(store, small_item("unet", "unet"), now));
  EXPECT_EQ(state(store, base_models),
            "unet active <- unet-v2 -> -, latest unet\n"
            "unet-v1 deprecated <- - -> unet-v2, latest -\n"
            "unet-v2 deprecated <- unet-v1 -> unet, latest -\n");
  EXPECT_EQ(store.documents[base_models].at("unet").version(), "3");
}

TEST(Register, AVersionUnderAnotherIdTakesOver) {
  MemoryStore store;
  ASSERT_TRUE(register_dataset(store, small_item("banepa", "Banepa"), now));
  ASSERT_TRUE(register_dataset(store, small_item("banepa-2026", "Banepa"), now));
  EXPECT_EQ(state(store, datasets),
            "banepa-2026 active <- banepa-v1 -> -, latest banepa-2026\n"
            "banepa-v1 deprecated <- - -> banepa-2026, latest -\n");
}

TEST(Register, AnIdThatIsTakenOrNoFileNameIsRefusedAndNothingIsWritten) {
  MemoryStore store;
  ASSERT_TRUE(register_base_model(store, small_item("unet", "unet"), now));
  const int before = store.commits;
  EXPECT_EQ(register_base_model(store, small_item("unet", "another"), now).error().code, Code::conflict);
  EXPECT_EQ(register_base_model(store, small_item("../escape", "escape"), now).error().code, Code::invalid);
  store.documents[base_models].insert_or_assign("unet-v1", small_item("unet-v1", "third"));
  EXPECT_EQ(register_base_model(store, small_item("unet", "unet"), now).error().code, Code::conflict) << "the former version has no place";
  EXPECT_EQ(store.commits, before);
}

TEST_F(Versions, TheNewerOneIsActiveAndTheFormerOneItsPredecessor) {
  promote_all({1, 2, 3});
  EXPECT_EQ(state(store),
            "town-v1 deprecated <- - -> town-v2, latest -\n"
            "town-v2 deprecated <- town-v1 -> town-v3, latest -\n"
            "town-v3 active <- town-v2 -> -, latest town-v3\n");
}

TEST_F(Versions, TheActiveOneAgainChangesNothing) {
  promote_all({1, 2});
  const int before = store.commits;
  const auto again = promote(store, version(2), now);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->effect, Promotion::Effect::unchanged);
  EXPECT_EQ(store.commits, before);
}

TEST_F(Versions, AnOlderOneAgainIsARollback) {
  promote_all({1, 2});
  const auto back = promote(store, version(1), now);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->effect, Promotion::Effect::rolled_back);
  EXPECT_EQ(back->deprecated, "town-v2");
  EXPECT_EQ(state(store),
            "town-v1 active <- - -> town-v2, latest town-v1\n"
            "town-v2 deprecated <- town-v1 -> -, latest -\n");
}

TEST_F(Versions, ALatecomerFindsItsPlaceBetweenItsNeighbours) {
  promote_all({1, 3, 2});
  EXPECT_EQ(state(store),
            "town-v1 deprecated <- - -> town-v2, latest -\n"
            "town-v2 active <- town-v1 -> town-v3, latest town-v2\n"
            "town-v3 deprecated <- town-v2 -> -, latest -\n");
}

TEST_F(Versions, ArchivingLeavesTheNeighboursLinks) {
  promote_all({1, 2});
  ASSERT_TRUE(archive(store, "town", "2", now));
  EXPECT_EQ(state(store),
            "town-v1 deprecated <- - -> town-v2, latest -\n"
            "town-v2 deprecated <- town-v1 -> -, latest -\n");
  const int before = store.commits;
  ASSERT_TRUE(archive(store, "town", "2", now));
  EXPECT_EQ(store.commits, before);
  EXPECT_EQ(archive(store, "town", "9", now).error().code, Code::not_found);
}

TEST_F(Versions, RemovingOneLinksItsNeighboursToEachOther) {
  promote_all({1, 2, 3});
  ASSERT_TRUE(remove_version(store, "town", "2", now));
  EXPECT_EQ(state(store),
            "town-v1 deprecated <- - -> town-v3, latest -\n"
            "town-v3 active <- town-v1 -> -, latest town-v3\n");
}

TEST_F(Versions, RemovingTheModelLeavesOthersAlone) {
  promote_all({1, 2});
  ASSERT_TRUE(promote(store, small_item("village-v1", "village", "1"), now));
  EXPECT_EQ(remove_model(store, "town").value(), 2U);
  EXPECT_EQ(state(store), "village-v1 active <- - -> -, latest village-v1\n");
  EXPECT_EQ(remove_model(store, "town").error().code, Code::not_found);
}

TEST_F(Versions, EachActionIsOneCommitSoARefusedOneChangesNothing) {
  promote_all({1, 2, 3});
  ASSERT_TRUE(register_base_model(store, small_item("unet", "unet"), now));
  const std::string before = state(store) + state(store, base_models);
  store.refuse = true;
  const int commits = store.commits;
  EXPECT_FALSE(promote(store, version(4), now));
  EXPECT_FALSE(promote(store, version(1), now));
  EXPECT_FALSE(archive(store, "town", "3", now));
  EXPECT_FALSE(remove_version(store, "town", "2", now));
  EXPECT_FALSE(remove_model(store, "town"));
  EXPECT_FALSE(register_base_model(store, small_item("unet", "unet"), now));
  EXPECT_EQ(store.commits, commits + 6);
  EXPECT_EQ(state(store) + state(store, base_models), before);
}

}  // namespace
}  // namespace fair::catalog
