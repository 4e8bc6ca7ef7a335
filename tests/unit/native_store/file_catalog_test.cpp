#include "native/store/file_catalog.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "core/catalog/lifecycle.h"
#include "native/store/lock.h"
#include "tests/unit/catalog/memory_store.h"
#include "tests/unit/native_io/scratch.h"

namespace fair::store {
namespace {

using test::small_item;

constexpr const char* now = "2026-02-01T00:00:00Z";

TEST(FileCatalog, IsLaidOutAndLinkedAsPystacDoes) {
  const test::Scratch scratch;
  const std::string folder = (scratch / "catalog").string();
  auto catalog = FileCatalog::create(folder, now);
  ASSERT_TRUE(catalog) << catalog.error().message();
  ASSERT_TRUE(register_base_model(**catalog, small_item("unet", "unet"), now));
  const Json collection = Json::parse(test::slurp(folder + "/base-models/collection.json"));
  int links = 0;
  for (const Json& link : collection["links"]) links += link["rel"] == "item" && link["href"] == "./unet/unet.json" ? 1 : 0;
  EXPECT_EQ(links, 1);
  const auto item = (*catalog)->item("base-models", "unet");
  ASSERT_TRUE(item);
  EXPECT_EQ(item->json()["collection"], "base-models");
  EXPECT_EQ((*catalog)->item("base-models", "yolo").error().code, Code::not_found);
  EXPECT_EQ((*catalog)->item("base-models", "../x").error().code, Code::not_found);
  EXPECT_EQ((*catalog)->items("elsewhere").error().code, Code::not_found);
}

TEST(FileCatalog, OpeningNothingSaysWhatToDo) {
  const test::Scratch scratch;
  const auto none = FileCatalog::open((scratch / "catalog").string());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::not_found);
  EXPECT_NE(none.error().message().find("fair init"), std::string::npos);
  EXPECT_EQ(scratch.files(), 0U);
}

TEST(FileCatalog, APlanMadeBeforeAnotherWriterCameIsRefused) {
  const test::Scratch scratch;
  const std::string folder = (scratch / "catalog").string();
  auto one = FileCatalog::create(folder, now);
  auto two = FileCatalog::open(folder);
  ASSERT_TRUE(one && two);
  ASSERT_TRUE((*two)->items("base-models"));
  ASSERT_TRUE(register_base_model(**one, small_item("unet", "unet"), now));
  catalog::Write write;
  write.collection = "base-models", write.id = "unet", write.item = small_item("unet", "unet");
  const auto late = (*two)->commit({write});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::conflict);
  EXPECT_TRUE(register_base_model(**two, small_item("unet", "unet"), now)) << "decided anew, it is the next version";
  EXPECT_EQ((*one)->items("base-models")->size(), 2U);
}

TEST(FileCatalog, ManyWritersAtOnceLoseNothing) {
  const test::Scratch scratch;
  const std::string folder = (scratch / "catalog").string();
  ASSERT_TRUE(FileCatalog::create(folder, now));
  constexpr int writers = 6, each = 5;
  std::vector<std::thread> threads;
  for (int w = 0; w < writers; ++w) {
    threads.emplace_back([&, w] {
      auto catalog = FileCatalog::open(folder);
      ASSERT_TRUE(catalog);
      for (int i = 0; i < each;) {
        const auto done = register_base_model(**catalog, small_item("m" + std::to_string(w), "m" + std::to_string(w)), now);
        if (done) {
          ++i;
        } else {
          ASSERT_EQ(done.error().code, Code::conflict) << done.error().message();
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  auto catalog = FileCatalog::open(folder);
  ASSERT_TRUE(catalog);
  const auto items = (*catalog)->items("base-models");
  ASSERT_TRUE(items);
  EXPECT_EQ(items->size(), static_cast<std::size_t>(writers * each));
}

TEST(Lock, AWriterWhoDoesNotEndIsNamed) {
  const test::Scratch scratch;
  const std::string path = (scratch / ".lock").string();
  const auto held = Lock::take(path);
  ASSERT_TRUE(held);
  const auto second = Lock::take(path, 0.1);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::conflict);
  EXPECT_NE(second.error().message().find(std::to_string(::getpid())), std::string::npos) << second.error().message();
}

TEST(Lock, DiesWithItsHolder) {
  const test::Scratch scratch;
  const std::string path = (scratch / ".lock").string();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = Lock::take(path);
    ::_exit(held ? 0 : 1);  // without letting go
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(Lock::take(path, 0.1));
}

TEST(Files, AFolderThatMayNotBeWrittenIsNamedWithWhatToDo) {
  const test::Scratch scratch;
  std::filesystem::permissions(scratch.path(), std::filesystem::perms(0555));
  // Root may write everywhere, so it is somebody else meanwhile.
  const bool root = ::geteuid() == 0;
  if (root) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  const auto made = FileCatalog::create((scratch / "catalog").string(), now);
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  std::filesystem::permissions(scratch.path(), std::filesystem::perms::owner_all);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message().find("--workspace"), std::string::npos) << made.error().message();
}

}  // namespace
}  // namespace fair::store
