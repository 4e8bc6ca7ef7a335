// Memory of a prediction does not grow with the area: every allocation of this program is counted.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/unit/native_infer/stand_ins.h"

namespace {

std::atomic<std::int64_t> live{0};
std::atomic<std::int64_t> most{0};

void* counted(std::size_t size) {
  void* p = std::malloc(size);
  if (p == nullptr) throw std::bad_alloc();
  const auto now = live += static_cast<std::int64_t>(malloc_usable_size(p));
  auto before = most.load();
  while (now > before && !most.compare_exchange_weak(before, now)) {
  }
  return p;
}

void uncounted(void* p) {
  if (p != nullptr) live -= static_cast<std::int64_t>(malloc_usable_size(p));
  std::free(p);
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* p) noexcept { uncounted(p); }
void operator delete[](void* p) noexcept { uncounted(p); }
void operator delete(void* p, std::size_t) noexcept { uncounted(p); }
void operator delete[](void* p, std::size_t) noexcept { uncounted(p); }

namespace fair::infer {
namespace {

struct Used {
  std::int64_t bytes = 0, features = 0;
};

Used predict_town(std::int64_t columns, std::int64_t rows) {
  std::vector<std::unique_ptr<BlockSource>> sources;
  sources.push_back(std::make_unique<stand_in::Town>(columns, rows));
  stand_in::Echo runner;
  stand_in::Counter sink;
  const std::int64_t before = live;
  most = before;
  const auto report = predict(stand_in::core::spec(256), stand_in::plugin(), runner, sources, sink, {});
  EXPECT_TRUE(report);
  return {most - before, sink.count};
}

TEST(DriverMemory, SixtyFourTimesTheAreaNeedsNoMore) {
  predict_town(4, 4);
  const Used once = predict_town(4, 4);
  const Used high = predict_town(4, 256);
  const Used wide = predict_town(256, 4);
  RecordProperty("once_kib", static_cast<int>(once.bytes >> 10));
  RecordProperty("high_kib", static_cast<int>(high.bytes >> 10));
  RecordProperty("wide_kib", static_cast<int>(wide.bytes >> 10));
  std::printf("peak: %lld KiB for 1 x, %lld KiB for 64 x as high, %lld KiB for 64 x as wide\n", static_cast<long long>(once.bytes >> 10),
              static_cast<long long>(high.bytes >> 10), static_cast<long long>(wide.bytes >> 10));
  EXPECT_GT(high.features, 60 * once.features);
  EXPECT_GT(wide.features, 60 * once.features);
  EXPECT_LT(static_cast<double>(high.bytes), 1.10 * static_cast<double>(once.bytes));
  EXPECT_LT(static_cast<double>(wide.bytes), 1.10 * static_cast<double>(once.bytes));
}

}  // namespace
}  // namespace fair::infer
